import gc
import sys
import types

from cnnlab.ui import garbage


def test_loaded_modules_are_set_aside_once_and_again_only_after_more_are_loaded(monkeypatch):
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


def test_streamlit_still_runs_a_full_collection_after_each_script_run():
    """Otherwise garbage.py would no longer be needed."""
    from pathlib import Path

    from streamlit.runtime.scriptrunner import script_runner

    assert "gc.collect(2)" in Path(script_runner.__file__).read_text(encoding="utf-8")
