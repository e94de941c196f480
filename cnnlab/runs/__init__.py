"""Runs: their lifecycle, the queue, the worker and the run process. Imports nothing from the pages."""
