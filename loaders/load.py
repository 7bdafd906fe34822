"""Loads: read, map, check, stage; then write, sweep and retry what waited. Design section 7.

record = load(store, LoadRequest(source="tables", paths=(folder,)))
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from graph.ledger import HeldRow, LoadRecord
from graph.settings import Settings
from graph.store import Store

if TYPE_CHECKING:
    from loaders.parts import Committed
    from loaders.pull.pull import Pull
    from loaders.replay import Replay
    from loaders.run import Plan
    from loaders.source import Config, Source


class Progress(Protocol):
    """Told how a load goes on: phase `pull`, `gather`, `read`, `check` or `write`; an unknown `total` is None."""

    def __call__(self, phase: str, done: int, total: int | None) -> None: ...


@dataclass(frozen=True, slots=True)
class LoadRequest:
    """What to load and how strictly.

    `replay` is a CSV of mended rejects (as `skillgraph rejects LOAD --csv` prints them): a partial load of these rows,
    mapped as the source maps them. `address` is that of the source's API, to pull from instead of `paths`: what changed
    since the last pull, or everything at the first time and when it is to be `full`.
    """

    source: str | Source
    paths: tuple[Path, ...] = ()
    map: Path | None = None
    name: str | None = None  # default: the source's own name
    partial: bool = False
    snapshot_at: int | None = None  # seconds UTC; default: now, but later than any load of the name
    max_rejects: float = 0.1  # share of read rows
    allow_shrink: bool = False
    dry_run: bool = False
    replay: Path | None = None
    address: str = ""
    full: bool = False


Told = Callable[[Iterable[HeldRow]], None]
"""Told the rows that a load rejected, that wait, or that conflict; of a dry run this is their only trace."""


def load(
    store: Store,
    request: LoadRequest,
    progress: Progress | None = None,
    told: Told | None = None,
    settings: Settings | None = None,
    *,
    committed: Committed | None = None,
) -> LoadRecord:
    """Load a source; the record accounts for every row read. `committed` is told of each part of one without an end.

    Raises `LoadError` (and its kinds `LoadStopped`, `StaleSnapshot`, `WouldShrink`) before anything is written, `Busy`
    when a load of that name is running.
    """
    from loaders.parts import load_parts
    from loaders.replay import replayed
    from loaders.run import Run

    again = replayed(request.replay, store.ledger) if request.replay else None
    report = progress or _silent
    plan = _planned(store, _source(store, request, again), request, again, report, settings)
    if plan.source.parts is not None and again is None:
        return load_parts(
            plan.source.parts(plan.config),
            plan,
            lambda each: Run(store, each, report, told or _deaf).run(),
            committed or _unheard,
        )
    return Run(store, plan, report, told or _deaf).run()


def _source(store: Store, request: LoadRequest, again: Replay | None) -> Source:
    """What is loaded; of rows that were posted, a source of their tables."""
    from loaders.posted import POSTED, posted_source
    from loaders.registry import source_named

    if again and request.source == POSTED:
        return posted_source(store.model, again.tables)
    return source_named(request.source) if isinstance(request.source, str) else request.source


def _planned(  # noqa: PLR0917 - what a load is planned by
    store: Store,
    source: Source,
    request: LoadRequest,
    again: Replay | None,
    report: Progress,
    settings: Settings | None,
) -> Plan:
    """The load as it is to be run."""
    from loaders.records import chunks
    from loaders.run import Plan
    from loaders.source import Config

    name = request.name or source.name
    chosen = request.map or (again.map if again else None)
    config = Config(
        request.paths,
        store.model,
        chosen and chosen.absolute(),
        (settings or Settings.from_environment()).language,
        secret=store.ledger.secret,
        store=store,
        name=name,
        gathered=lambda pieces: report("gather", pieces, None),
    )
    pull = _pull(store, source, config, name=name, request=request, report=report) if request.address else None
    rows = pull.rows if pull else lambda: source.read(config)
    return Plan(
        source,
        config,
        name,
        (lambda: again.chunks(source, config)) if again else (lambda: chunks(rows())),
        complete=not (request.partial or request.replay or source.log or (pull and pull.goes_on)),
        snapshot=request.snapshot_at,
        max_rejects=1.0 if request.replay else request.max_rejects,
        allow_shrink=request.allow_shrink,
        dry=request.dry_run,
        checks_columns=again is None,
        restates=again is None,
        replaces=again.rows if again else (),
        pull=pull,
        settings=settings,
    )


def _pull(store: Store, source: Source, config: Config, *, name: str, request: LoadRequest, report: Progress) -> Pull:
    from loaders.pull.pull import begun

    def told(items: int) -> None:
        report("pull", items, None)

    return begun(source, config, name, request=request, ledger=store.ledger, told=told)


def load_rows(
    store: Store,
    name: str,
    tables: Mapping[str, Sequence[Mapping[str, Any]]],
    *,
    snapshot_at: int | None = None,
    max_rejects: float = 1.0,
    settings: Settings | None = None,
) -> LoadRecord:
    """Load rows already in memory (type -> rows in native form, JSON values) as a partial load of `name`.

    Several may run at once under one name. Raises `LoadError` for a type or column that is not known.
    """
    from loaders.posted import posted_chunks, posted_source
    from loaders.run import Plan, Run
    from loaders.source import Config

    language = (settings or Settings.from_environment()).language
    plan = Plan(
        posted_source(store.model, tuple(tables)),
        Config((), store.model, None, language),
        name,
        lambda: posted_chunks(tables, store.model),
        complete=False,
        snapshot=snapshot_at,
        max_rejects=max_rejects,
        in_memory=True,
        restates=False,
        settings=settings,
    )
    return Run(store, plan, _silent, _deaf).run()


def _silent(phase: str, done: int, total: int | None) -> None:
    """Nobody watches."""


def _unheard(record: LoadRecord | None, state: str) -> None:
    """Nobody waits for the parts of a load."""


def _deaf(rows: Iterable[HeldRow]) -> None:
    """Nobody asks for held rows here: they are in the ledger."""
