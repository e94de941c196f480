"""What pages read from: the store of the current workspace. Caches nothing that changes."""

from functools import lru_cache

from cnnlab.store.store import Store
from cnnlab.workspace import Workspace


def store() -> Store:
    """The store of the workspace that the environment names now; opened anew where a copy was put in its place.

    Raises:
        DiskError: the workspace cannot be written.
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
