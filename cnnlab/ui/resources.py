"""The store of the current workspace, shared by all pages."""

from functools import lru_cache

from cnnlab.store.store import Store
from cnnlab.workspace import Workspace


def store() -> Store:
    """The store of the current workspace; reopened if its file has been replaced by a copy.

    Raises:
        DiskError: the workspace cannot be written to.
        StoreError: the store is damaged, locked or newer than this program.
    """
    opened = _open(Workspace.current())
    if opened.is_in_place:
        return opened
    _open.cache_clear()
    opened.close()
    return _open(Workspace.current())


@lru_cache(maxsize=4)  # a server has one workspace; tests have one each
def _open(workspace: Workspace) -> Store:
    return Store.open(workspace)
