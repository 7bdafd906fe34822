"""What every command shares: the store option, errors as exit codes, answers on stdout."""

from __future__ import annotations

import errno
import re
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from graph.errors import StoreError
from graph.settings import Settings
from graph.store import Busy
from ontology.errors import OntologyError

if TYPE_CHECKING:
    from rich.console import Console

    from graph.store import Store

StoreOption = Annotated[
    str | None,
    typer.Option("--store", help="sqlite:PATH (also SKILLGRAPH_STORE).", show_default="sqlite:skillgraph.db"),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")]


PIPED_WIDTH = 120  # columns of a table that no terminal shows


class Failed(Exception):
    """The work failed: the sentence goes to stderr, the exit code is 1."""


class Misused(Exception):
    """Wrong usage: the sentence goes to stderr, the exit code is 2."""


class Commands(TyperGroup):
    """Turns the errors that users cause into one sentence and an exit code; anything else stays a traceback."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except Misused as error:
            fail(str(error), 2)
        except (Failed, StoreError, Busy, OntologyError) as error:
            fail(str(error), 1)
        except BrokenPipeError:
            # the reader of a pipe (head, less) has seen enough; what is still buffered has nowhere to go
            sys.stdout = open("/dev/null", "w")  # noqa: SIM115
            raise typer.Exit(0) from None
        except OSError as error:
            fail(os_sentence(error), 1)


FIXES = {
    errno.ENOSPC: "free some space there and run the same command again",
    errno.EDQUOT: "free some of the quota and run the same command again",
    errno.EACCES: "give this user the right to it, or name another path",
    errno.EPERM: "give this user the right to it, or name another path",
    errno.EROFS: "name a path on a medium that can be written",
    errno.ENOENT: "look for a misspelt name, or make the folder",
    errno.EISDIR: "name a file in it",
    errno.ENOTDIR: "name a folder",
}


def os_sentence(error: OSError) -> str:
    """Which file, what the operating system said, and what mends it."""
    found = re.search(r"\(os error (\d+)\)", str(error))  # as polars tells it
    number = error.errno or (int(found[1]) if found else 0)
    place = f"{error.filename}: " if error.filename else ""
    problem = error.strerror or str(error)
    return f"{place}{problem}: {FIXES.get(number, 'look at the path and its disk')}"


def fail(sentence: str, code: int) -> None:
    """Print one sentence to stderr and leave with the exit code."""
    typer.echo(f"Error: {sentence}", err=True)
    raise typer.Exit(code)


def settings(store: str | None = None) -> Settings:
    """The environment's settings with the command's own `--store` on top."""
    chosen = Settings.from_environment()
    return replace(chosen, store=store) if store else chosen


@contextmanager
def opened(store: str | None, *, create: bool = False) -> Iterator[Store]:
    """The store of the command, closed afterwards; only `load` and `serve` make one that is not there."""
    from graph.open import open_store

    chosen = settings(store)
    opened_store = open_store(chosen.store, chosen, create=create)
    try:
        yield opened_store
    finally:
        opened_store.close()


@contextmanager
def ended_by_terminate() -> Iterator[None]:
    """Being told to end is an exit like any other: what was begun is cleared away."""
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def console() -> Console:
    """Where answers for people go; as wide as the terminal, and readable when piped."""
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else PIPED_WIDTH, highlight=False)


def print_json(answer: Any, *, err: bool = False) -> None:
    """One JSON document on stdout, or on stderr."""
    import orjson

    text = orjson.dumps(answer, option=orjson.OPT_INDENT_2, default=_plain).decode()
    (sys.stderr if err else sys.stdout).write(f"{text}\n")


def _plain(value: Any) -> Any:
    if isinstance(value, frozenset | set):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} is not JSON")


def print_table(columns: list[str], rows: list[list[object]], title: str | None = None) -> None:
    """A table for people on stdout, the title above it."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    wraps = any("\n" in str(cell) for row in rows for cell in row)
    table = Table(*columns, box=box.SIMPLE_HEAD, pad_edge=False, leading=1 if wraps else 0)
    for row in rows:
        table.add_row(*("" if cell is None else Text(str(cell)) for cell in row))
    out = console()
    if title:
        out.print(Text(title))
    out.print(table)
