"""Columns of whole numbers out of a store's file by ADBC's SQLite, which reads them several times as fast as Python's.

It is another copy of SQLite. Two copies that have one file open in one process break each other's locks: POSIX drops
all locks of a process as soon as it closes any handle on the file. So this is for processes that never open the store
themselves, such as `graph.index.scanner`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from adbc_driver_manager import AdbcConnection, AdbcDatabase, AdbcStatement

from graph.sqlite.arrow import Numbers, numbers
from graph.sqlite.write import NUMBER

_ROWS = 65_536  # of a batch


class Foreign:
    """One state of a file at a time; only reads."""

    def __init__(self, path: Path) -> None:
        import adbc_driver_sqlite

        address = f"{path.absolute().as_uri()}?mode=ro"
        self._database = AdbcDatabase(driver=adbc_driver_sqlite._driver_path(), uri=address)
        self._connection = AdbcConnection(self._database)
        self._connection.set_autocommit(False)

    def newest(self) -> int:
        """Look at the newest state from now on; its change number."""
        self._connection.rollback()
        ((number,),) = ([int(column[0]) for column in columns] for columns in self.columns(NUMBER))
        return number

    def columns(self, query: str) -> Iterator[list[Numbers]]:
        """Batches of the query's columns, each valid until the next is asked for; none may hold NULL."""
        statement = AdbcStatement(self._connection)
        try:
            statement.set_options(**{"adbc.sqlite.query.batch_rows": str(_ROWS)})
            statement.set_sql_query(query)
            stream, _ = statement.execute_query()
            yield from numbers(stream.address)
            stream.release()
        finally:
            statement.close()

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()
        self._database.close()
