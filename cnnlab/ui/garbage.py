"""Keeps the garbage collection that follows every script run short. Knows no page.

Streamlit (1.67) collects in full after each run of a script, a live tick included. With the lab's libraries loaded that
walks through a quarter of a million objects that live as long as the process does, and costs several times what the
tick itself does, on the cores that train. So what is there once the libraries are loaded is taken out of its sight.
"""

import gc
import sys

_modules_set_aside = 0


def set_aside_modules() -> None:
    """Spare what is alive now from later collections if modules were loaded since the last time; else do nothing.

    What is spared is freed as ever when nothing refers to it; only cycles stay, and only those of the few runs that
    load modules.
    """
    global _modules_set_aside
    if len(sys.modules) != _modules_set_aside:
        _modules_set_aside = len(sys.modules)
        gc.collect()
        gc.freeze()
