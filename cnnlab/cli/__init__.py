"""The command line: everything that the pages can do, without a browser. Each command is one call into the core."""

from cnnlab.cli.app import main

__all__ = ["main"]
