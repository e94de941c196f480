"""Small named JSON values: drafts of forms, and settings."""

from typing import Any, TypeAlias

from sqlalchemy import Engine, Table, delete, insert, select, update

from cnnlab.store.transactions import Rows, now

Json: TypeAlias = Any
"""Any JSON value; the caller knows what is stored under its key."""


class KeyValueRows(Rows):
    """A table of named JSON values."""

    def __init__(self, engine: Engine, table: Table) -> None:
        super().__init__(engine)
        self._table = table

    def get(self, key: str, default: Json = None) -> Json:
        """The value of a key, or `default` if there is none."""
        with self.reading() as connection:
            row = connection.execute(select(self._table.c.value).where(self._table.c.key == key)).first()
        return default if row is None else row[0]

    def all(self, prefix: str = "") -> dict[str, Json]:
        """All values whose keys begin with `prefix`."""
        query = select(self._table.c.key, self._table.c.value).where(
            self._table.c.key.startswith(prefix, autoescape=True)
        )
        with self.reading() as connection:
            return {row.key: row.value for row in connection.execute(query)}

    def put(self, key: str, value: Json) -> None:
        """Store a JSON value under a key, replacing any earlier one."""
        values = {"value": value, **({"updated": now()} if "updated" in self._table.c else {})}
        with self.writing() as connection:
            changed = connection.execute(update(self._table).where(self._table.c.key == key).values(values))
            if changed.rowcount == 0:
                connection.execute(insert(self._table).values(key=key, **values))

    def remove(self, prefix: str) -> None:
        """Delete all values whose keys begin with `prefix`."""
        with self.writing() as connection:
            connection.execute(delete(self._table).where(self._table.c.key.startswith(prefix, autoescape=True)))
