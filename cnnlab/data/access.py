"""Checks which folders a page may open: any if only this machine can reach the server, else only the allowed ones."""

import os
from pathlib import Path
from typing import Final

from cnnlab.data.layout import absolute
from cnnlab.errors import DataError

ROOTS_VARIABLE: Final = "CNNLAB_DATA_ROOTS"
LOOPBACK: Final = frozenset({"", "localhost", "127.0.0.1", "::1"})


def check_path_allowed(path: Path | str, *, server_address: str) -> Path:
    """The resolved folder, if a page may open it: any on a loopback server, else only those under CNNLAB_DATA_ROOTS.

    Raises:
        DataError: the folder is not allowed.
    """
    resolved = absolute(path).resolve()
    if server_address in LOOPBACK:
        return resolved
    roots = [Path(root).expanduser().resolve() for root in os.environ.get(ROOTS_VARIABLE, "").split(os.pathsep) if root]
    if any(resolved.is_relative_to(root) for root in roots):
        return resolved
    allowed = ", ".join(map(str, roots)) or "none"
    raise DataError(
        f"The folder {str(resolved)!r} may not be opened on a server that others can reach (allowed: {allowed}); "
        f"start the server with the folder in {ROOTS_VARIABLE}, or upload the pictures."
    )
