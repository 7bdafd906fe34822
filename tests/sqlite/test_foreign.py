"""What another SQLite reads of a store's file, in a process of its own: two copies in one break each other's locks."""

from __future__ import annotations

import subprocess
import sys

from graph.index.facts import SCANNED
from graph.sqlite.engine import SqliteStore
from graph.sqlite.scan import ranges
from graph.store import Store

READING = """
import sys
from pathlib import Path
from graph.sqlite.foreign import Foreign

foreign = Foreign(Path(sys.argv[1]))
print(foreign.newest())
for query in sys.argv[2:]:
    for columns in foreign.columns(query):
        for row in zip(*(column.tolist() for column in columns), strict=True):
            print(*row)
foreign.close()
"""


def read(store: SqliteStore, *queries: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", READING, str(store.path), *queries]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_it_reads_what_a_scan_reads_in_any_number_of_parts(company: Store) -> None:
    assert isinstance(company, SqliteStore)
    batches = [batch.arrays for batch in company.scan("Evidence", SCANNED)]
    scanned = [
        " ".join(map(str, row))
        for arrays in batches
        for row in zip(*(arrays[name].tolist() for name in SCANNED), strict=True)
    ]
    assert len(scanned) > 10
    for parts in (1, 3, 100):
        with company.connections.reading() as db:
            scans = ranges(db, company.layout.node_kind("Evidence"), SCANNED, parts)
        number, *rows = read(company, *(scan.query for scan in scans)).stdout.splitlines()
        assert (int(number), rows) == (company.number(), scanned)


def test_what_is_no_whole_number_is_refused(company: Store) -> None:
    assert isinstance(company, SqliteStore)
    for query in ("SELECT NULL", "SELECT 1 UNION ALL SELECT NULL", "SELECT 'one'", "SELECT 1.5"):
        found = read(company, query)
        assert found.returncode == 1, query
        assert "a column is not of whole numbers only" in found.stderr
