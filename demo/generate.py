"""Make the demo company's tables anew: `python -m demo.generate [ESCO_DOWNLOAD]`; same seed, same files."""

from __future__ import annotations

import sys
from pathlib import Path

from demo.careers import Careers
from demo.company import Vocabulary, add_company
from demo.extract import extract
from demo.stories import add_stories
from demo.tables import Tables

HERE = Path(__file__).parent
ESCO, COMPANY = HERE / "esco", HERE / "company"
SEED = 20260630


def generate(folder: Path) -> dict[str, int]:
    """Write every table into the folder; returns rows per table."""
    tables, skills = Tables(), Vocabulary(ESCO)
    add_company(tables, skills)
    Careers(tables, skills, SEED).add()
    add_stories(tables, skills)
    return tables.write(folder)


def main(arguments: list[str]) -> None:
    """With an ESCO download the extract is made anew first."""
    if arguments:
        sys.stdout.write(f"{extract(Path(arguments[0]), ESCO)}\n")
    sys.stdout.write(f"{generate(COMPANY)}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
