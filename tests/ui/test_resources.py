"""The store that pages read from."""

import shutil
import sys

import pytest

from cnnlab.ui import resources


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not replace a file that is open")
def test_a_copy_that_replaces_the_store_is_read_without_a_restart(tmp_path, monkeypatch):
    monkeypatch.setenv("CNNLAB_HOME", str(tmp_path))
    opened = resources.store()
    opened.settings.put("here", "before the copy")
    opened.close()  # writes everything into the database file
    shutil.copy(tmp_path / "lab.db", tmp_path / "copy.db")
    resources.store().settings.put("here", "after the copy")
    assert resources.store() is opened
    opened.close()
    (tmp_path / "copy.db").replace(tmp_path / "lab.db")
    assert resources.store().settings.get("here") == "before the copy"
    resources.store().close()
