"""Native tables in the making: rows by type, written as one CSV a type."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Mapping
from pathlib import Path


class Tables:
    """Collects rows; numbers the ids of facts; writes columns in the order they were first stated."""

    def __init__(self) -> None:
        self.rows: dict[str, list[Mapping[str, str]]] = defaultdict(list)
        self._numbers: Counter[str] = Counter()

    def add(self, table: str, **values: object) -> str:
        """Add a row and return its id; a fact without an id gets the next number of its type."""
        if "from_" in values:
            values = {"from": values.pop("from_"), **values}
        elif "id" not in values:
            self._numbers[table] += 1
            values = {"id": f"demo-{table.lower()}:{self._numbers[table]:05d}", **values}
        self.rows[table].append({name: str(value) for name, value in values.items() if value not in (None, "")})
        return str(values.get("id", ""))

    def write(self, folder: Path) -> dict[str, int]:
        """One CSV a type; returns rows per file."""
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("*.csv"):
            old.unlink()
        for table, rows in sorted(self.rows.items()):
            columns = list(dict.fromkeys(name for row in rows for name in row))
            with (folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, columns, lineterminator="\n", restval="")
                writer.writeheader()
                writer.writerows(rows)
        return {table: len(rows) for table, rows in sorted(self.rows.items())}
