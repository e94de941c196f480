"""Runs: the store, the queue, the worker and the process that trains. Nothing here knows the pages."""
