"""The workspace: the folder in which the lab keeps its files, and the paths inside it."""

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from cnnlab.errors import DiskError

PROJECT_ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Workspace:
    """Paths of one workspace. `home` is absolute."""

    home: Path
    database_url: str

    @classmethod
    def current(cls) -> Self:
        """The workspace set in the environment: `CNNLAB_HOME`, else `data/` beside `app.py`.

        `CNNLAB_DATABASE_URL` names another database than the SQLite file in it.
        """
        return cls.at(Path(os.environ.get("CNNLAB_HOME") or PROJECT_ROOT / "data"))

    @classmethod
    def at(cls, home: Path) -> Self:
        """The workspace in `home`, which need not exist yet."""
        home = home.expanduser().resolve()
        return cls(home, os.environ.get("CNNLAB_DATABASE_URL") or f"sqlite:///{(home / 'lab.db').as_posix()}")

    @property
    def datasets(self) -> Path:
        """Pictures that the lab painted, unpacked or received as uploads."""
        return self.home / "datasets"

    @property
    def runs(self) -> Path:
        """One folder per run."""
        return self.home / "runs"

    @property
    def cache(self) -> Path:
        """Decoded pictures at working size; may be deleted at any time."""
        return self.home / "cache"

    def environment(self) -> dict[str, str]:
        """Environment for a process that must find this package and this workspace from any current folder."""
        paths = [str(PROJECT_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
        return {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "CNNLAB_HOME": str(self.home)}

    def create(self) -> Self:
        """Make the folders and try to write, so that a read-only disk is noticed now and not in the middle of a run.

        Raises:
            DiskError: the workspace is not writable.
        """
        try:
            for folder in (self.datasets, self.runs, self.cache):
                folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.home):
                pass
        except OSError as error:
            raise DiskError(
                f"The workspace {str(self.home)!r} is not writable ({error.strerror or error}); "
                "make it writable, or set the environment variable CNNLAB_HOME to another folder.",
                file=self.home,
            ) from error
        return self
