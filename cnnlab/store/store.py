"""The store: one database for data sets, runs, metrics, the queue and the drafts of pages. See docs/store.md.

It only keeps records; lifecycle.py decides who may change what, and when.
"""

import threading
from functools import cached_property
from typing import TYPE_CHECKING

from sqlalchemy import Engine

from cnnlab.store import schema
from cnnlab.store.database import file_identity, file_to_watch, open_engine
from cnnlab.store.dataset_rows import DataSetRows
from cnnlab.store.device_rows import LeaseRows, WorkerRows
from cnnlab.store.note_rows import KeyValueRows
from cnnlab.store.run_rows import RunRows
from cnnlab.store.task_rows import TaskRows
from cnnlab.store.transactions import Rows
from cnnlab.workspace import Workspace

if TYPE_CHECKING:
    from cnnlab.store.metric_rows import EpochRows, MetricRows

_opening = threading.Lock()


class Store:
    """All records of the lab, by kind. Threads may share a store, and many processes may open it at once."""

    def __init__(self, workspace: Workspace, engine: Engine) -> None:
        self.workspace = workspace
        self.engine = engine
        self._file = file_to_watch(engine)
        self._identity = self._file and file_identity(self._file)
        self.runs = RunRows(engine)
        self.datasets = DataSetRows(engine)
        self.leases = LeaseRows(engine)
        self.workers = WorkerRows(engine)
        self.tasks = TaskRows(engine)

    @property
    def is_in_place(self) -> bool:
        """Whether the open file is still the store, and was not deleted or replaced."""
        return self._file is None or file_identity(self._file) == self._identity

    @cached_property
    def epochs(self) -> "EpochRows":
        """Figures by epoch. Imported on demand: numpy is a third of a page server's start-up time."""
        from cnnlab.store.metric_rows import EpochRows

        return EpochRows(self.engine)

    @cached_property
    def metrics(self) -> "MetricRows":
        """Series by step."""
        from cnnlab.store.metric_rows import MetricRows

        return MetricRows(self.engine)

    @cached_property
    def drafts(self) -> KeyValueRows:
        """The contents of forms that have not been submitted."""
        return KeyValueRows(self.engine, schema.drafts)

    @cached_property
    def settings(self) -> KeyValueRows:
        """What the lab remembers about itself, such as the devices it found."""
        return KeyValueRows(self.engine, schema.settings)

    @classmethod
    def open(cls, workspace: Workspace | None = None) -> "Store":
        """The store of the workspace, created or migrated to this version if necessary.

        Raises:
            DiskError: the workspace cannot be written.
            StoreError: the store is damaged, locked or newer than this program.
        """
        workspace = (workspace or Workspace.current()).create()
        engine = open_engine(workspace.database_url)
        with _opening, Rows(engine).writing() as connection:
            schema.migrate(connection)
        return cls(workspace, engine)

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()
