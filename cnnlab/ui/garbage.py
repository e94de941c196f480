"""Keeps the garbage collection after every script run short.

Streamlit (1.67) runs a full collection after each script run, even after a live tick. With the lab's libraries loaded,
it visits a quarter of a million objects that live as long as the process, and takes several times longer than the tick
itself, on the cores that train. So the objects alive after the libraries are loaded are excluded from collection.
"""

import gc
import sys

_modules_set_aside = 0


def set_aside_modules() -> None:
    """Exclude all live objects from later collections if modules were loaded since the last call; else do nothing.

    Excluded objects are still freed when nothing refers to them; only reference cycles stay, and only those from the
    few script runs that load modules.
    """
    global _modules_set_aside
    if len(sys.modules) != _modules_set_aside:
        _modules_set_aside = len(sys.modules)
        gc.collect()
        gc.freeze()
