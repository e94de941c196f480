"""The tables of the store, and the migrations from one version to the next.

docs/store.md describes the tables. To change a table, add an entry to `MIGRATIONS`; never edit an existing one.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    select,
    text,
    update,
)

from cnnlab.errors import StoreError

SCHEMA_VERSION: Final = 2

metadata = MetaData()


class JsonText(TypeDecorator[Any]):
    """A JSON value as text. SQLite would turn a bare number in a column of type JSON into one of its own, rounded."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:  # noqa: ANN401 - any JSON value
        """The value as it is written."""
        return json.dumps(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:  # noqa: ANN401
        """The value as it was."""
        return None if value is None else json.loads(value)


lab = Table("lab", metadata, Column("key", String, primary_key=True), Column("value", Text, nullable=False))


def _process_columns() -> list[Column[object]]:
    return [
        Column("pid", Integer),
        Column("process_start", Float),
        Column("boot", String),
        Column("host", String),
    ]


datasets = Table(
    "datasets",
    metadata,
    Column("dataset_id", Integer, primary_key=True),
    Column("name", String, nullable=False),
    Column("path", String, nullable=False, unique=True),
    Column("owned", Boolean, nullable=False),
    Column("fingerprint", String, nullable=False),
    Column("listing", String, nullable=False),
    Column("classes", JSON, nullable=False),
    Column("counts", JSON, nullable=False),
    Column("unreadable", JSON, nullable=False),
    Column("duplicates", JSON, nullable=False),
    Column("findings", JSON, nullable=False),
    Column("created", Float, nullable=False),
    Column("scanned", Float, nullable=False),
    Column("forgotten", Boolean, nullable=False, default=False),
)

fingerprints = Table(
    "fingerprints",
    metadata,
    Column("dataset_id", ForeignKey("datasets.dataset_id"), primary_key=True),
    Column("seen", Float, primary_key=True),
    Column("fingerprint", String, nullable=False),
    Column("images", Integer, nullable=False),
)

pictures = Table(
    "pictures",
    metadata,
    Column("dataset_id", ForeignKey("datasets.dataset_id"), primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("picture_id", String, nullable=False),
    Column("path", String, nullable=False),
    Column("label", String, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("format", String, nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("folder_part", String),
)

splits = Table(
    "splits",
    metadata,
    Column("dataset_id", ForeignKey("datasets.dataset_id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("seed", Integer, nullable=False),
    Column("val_fraction", Float, nullable=False),
    Column("test_fraction", Float, nullable=False),
    Column("hash", String, nullable=False),
    Column("parts", LargeBinary, nullable=False),
    Column("created", Float, nullable=False),
)

runs = Table(
    "runs",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("run_id", String, nullable=False, unique=True),
    Column("token", String, unique=True),
    Column("name", String, nullable=False),
    Column("status", String, nullable=False, index=True),
    Column("family", String, nullable=False),
    Column("preset", String, nullable=False),
    Column("recipe", String),
    Column("config", JSON, nullable=False),
    Column("dataset_id", Integer),
    Column("fingerprint", String),
    Column("split_number", Integer),
    Column("split_hash", String),
    Column("device", String, nullable=False),
    Column("threads", Integer, nullable=False),
    Column("created", Float, nullable=False),
    Column("queued", Float),
    Column("position", Float, nullable=False),
    Column("started", Float),
    Column("ended", Float),
    Column("attempt", Integer, nullable=False, default=0),
    Column("epoch", Integer, nullable=False, default=0),
    Column("epochs", Integer, nullable=False),
    Column("step", Integer, nullable=False, default=0),
    Column("total_steps", Integer),
    *_process_columns(),
    Column("heartbeat", Float),
    Column("request", String),
    Column("requested", Float),
    Column("category", String),
    Column("reason", Text),
    Column("remedy", Text),
    Column("best_epoch", Integer),
    Column("val_accuracy", Float),
    Column("val_loss", Float),
    Column("train_loss", Float),
    Column("parameters", Integer),
    Column("flops", Integer),
    Column("seconds", Float, nullable=False, default=0.0),
    Column("images_per_second", Float),
    Column("bit_identical", Boolean, nullable=False, default=True),
    Column("note", Text, nullable=False, default=""),
    Column("tags", JSON, nullable=False, default=list),
    Column("cloned_from", String),
    Column("summary", JSON, nullable=False, default=dict),
)

epochs = Table(
    "epochs",
    metadata,
    Column("run_number", ForeignKey("runs.number"), primary_key=True),
    Column("epoch", Integer, primary_key=True),
    Column("step", Integer, nullable=False),
    Column("figures", JSON, nullable=False),
)

# A chunk holds up to 240 consecutive points of one series: little-endian float64 values, and little-endian int64
# steps unless these are first_step, first_step + 1, ...
metric_chunks = Table(
    "metric_chunks",
    metadata,
    Column("chunk_id", Integer, primary_key=True),
    Column("run_number", ForeignKey("runs.number"), nullable=False),
    Column("series", String, nullable=False),
    Column("first_step", Integer, nullable=False),
    Column("last_step", Integer, nullable=False),
    Column("count", Integer, nullable=False),
    Column("steps", LargeBinary),
    Column("values", LargeBinary, nullable=False),
    Index("metric_chunks_by_run", "run_number", "series", "first_step", unique=True),
)

leases = Table(
    "leases",
    metadata,
    Column("device", String, primary_key=True),
    Column("run_id", String, nullable=False),
    Column("taken", Float, nullable=False),
    *_process_columns(),
)

workers = Table(
    "workers",
    metadata,
    Column("worker_id", Integer, primary_key=True),
    Column("stay", Boolean, nullable=False),
    Column("started", Float, nullable=False),
    Column("heartbeat", Float, nullable=False),
    *_process_columns(),
)

drafts = Table(
    "drafts",
    metadata,
    Column("key", String, primary_key=True),
    Column("value", JsonText, nullable=False),
    Column("updated", Float, nullable=False),
)

settings = Table(
    "settings",
    metadata,
    Column("key", String, primary_key=True),
    Column("value", JsonText, nullable=False),
)

tasks = Table(
    "tasks",
    metadata,
    Column("task_id", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("arguments", JSON, nullable=False),
    Column("status", String, nullable=False),
    Column("done", Integer, nullable=False, default=0),
    Column("total", Integer),
    Column("message", Text, nullable=False, default=""),
    Column("result", JSON),
    Column("stop_requested", Boolean, nullable=False, default=False),
    Column("created", Float, nullable=False),
    Column("updated", Float, nullable=False),
    *_process_columns(),
)


def _sentences_to_findings(connection: Connection) -> None:
    """Version 2 stores findings of a scan as records; sentences of older scans become notes."""
    connection.execute(text("ALTER TABLE datasets RENAME COLUMN warnings TO findings"))
    rows = connection.execute(select(datasets.c.dataset_id, datasets.c.findings)).all()
    for dataset_id, sentences in rows:
        notes = [{"kind": "note", "severity": "note", "sentence": sentence} for sentence in sentences]
        mine = update(datasets).where(datasets.c.dataset_id == dataset_id)
        connection.execute(mine.values(findings=notes))


def _numbers_as_text(connection: Connection) -> None:
    """Version 2 as well: values of drafts and settings are text, so that numbers come back to the bit."""
    for table in (drafts, settings):
        rows = connection.execute(text(f"SELECT * FROM {table.name}")).mappings().all()  # noqa: S608 - our own names
        table.drop(connection)
        table.create(connection)
        for row in rows:
            value = json.loads(row["value"]) if isinstance(row["value"], str) else row["value"]
            connection.execute(table.insert().values({**row, "value": value}))


def _to_version_2(connection: Connection) -> None:
    _sentences_to_findings(connection)
    _numbers_as_text(connection)


MIGRATIONS: Final[Mapping[int, Callable[[Connection], None]]] = {1: _to_version_2}
"""Entry n turns a store of version n into one of version n + 1."""


def migrate(connection: Connection) -> None:
    """Migrate the store to the current version, or create the tables of a new one.

    Raises:
        StoreError: the store was written by a newer version of the lab.
    """
    lab.create(connection, checkfirst=True)
    stored = connection.scalar(lab.select().with_only_columns(lab.c.value).where(lab.c.key == "schema_version"))
    if stored is None:
        metadata.create_all(connection)
        connection.execute(lab.insert().values(key="schema_version", value=str(SCHEMA_VERSION)))
        return
    version = int(stored)
    if version > SCHEMA_VERSION:
        raise StoreError(
            f"The store has version {version}, but this CNN Lab only reads versions up to {SCHEMA_VERSION}; "
            "update CNN Lab, or choose another workspace with CNNLAB_HOME."
        )
    for step in range(version, SCHEMA_VERSION):
        MIGRATIONS[step](connection)
    if version < SCHEMA_VERSION:
        connection.execute(lab.update().where(lab.c.key == "schema_version").values(value=str(SCHEMA_VERSION)))
