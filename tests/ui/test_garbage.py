import gc
import sys
import types

from cnnlab.ui import garbage


def test_what_was_loaded_is_looked_at_once_and_not_again_until_more_is_loaded(monkeypatch):
    garbage.set_aside_modules()
    frozen = gc.get_freeze_count()
    assert frozen > 0
    kept = [[] for _ in range(1000)]
    garbage.set_aside_modules()
    assert gc.get_freeze_count() <= frozen
    monkeypatch.setitem(sys.modules, "loaded_later", types.ModuleType("loaded_later"))
    garbage.set_aside_modules()
    assert gc.get_freeze_count() > frozen + len(kept) // 2
    gc.unfreeze()


def test_streamlit_collects_in_full_after_a_run_still():
    """If it no longer did, this file would have no reason to exist."""
    from pathlib import Path

    from streamlit.runtime.scriptrunner import script_runner

    assert "gc.collect(2)" in Path(script_runner.__file__).read_text(encoding="utf-8")
