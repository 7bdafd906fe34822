"""`skillgraph words`: free skill names, what they mean, and what a person decides of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.runtime import Failed, JsonOption, Misused, StoreOption, opened, print_json, print_table, settings

if TYPE_CHECKING:
    from graph.settings import Settings
    from graph.store import Store
    from graph.words.listing import Listing, WordRow

app = typer.Typer(invoke_without_command=True)

WordArgument = Annotated[str, typer.Argument(help="The word's id, as `skillgraph words` shows it.")]
SkillArgument = Annotated[str, typer.Argument(help="The id of a vocabulary's skill.")]


@app.callback()
def words_command(
    context: typer.Context,
    open_only: Annotated[bool, typer.Option("--open", help="Only those that nothing is known of.")] = False,
    source: Annotated[str | None, typer.Option(help="Only words of this source.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many to show.")] = 20,
    skip: Annotated[int, typer.Option(min=0, help="How many to leave out first.")] = 0,
    store: StoreOption = None,
    json: JsonOption = False,
) -> None:
    """Free skill names of sources, the most used first: what each means and who says so, or what it might mean."""
    if context.invoked_subcommand is not None:
        _check_nothing_before(context)
        return
    from graph.words.listing import Wanted, list_words

    with opened(store) as graph_store:
        listing = list_words(graph_store, settings(store), Wanted(open_only, source, limit, skip))
    if json:
        print_json({"total": listing.total, "words": [asdict(row) for row in listing.rows]})
    else:
        _print_words(listing, skip)


def _check_nothing_before(context: typer.Context) -> None:
    """Options of the list would be dropped silently where a subcommand follows: it might write into another store."""
    sources = (context.get_parameter_source(name) for name in context.params)
    if any(source is not None and source.name == "COMMANDLINE" for source in sources):
        raise Misused("give --store and --json after the subcommand; the other options are the list's: leave them out")


def _print_words(listing: Listing, skip: int) -> None:
    if not listing.rows:
        typer.echo("no words", err=True)
        return
    rows: list[list[object]] = [[row.word, row.source, row.said, _spoken(row), _meaning(row)] for row in listing.rows]
    print_table(["word", "source", "as said", "spoken of by", "means"], rows)
    left = listing.total - skip - len(rows)
    if left > 0:
        typer.echo(f"and {left:,} more: --skip {skip + len(rows)} shows the next", err=True)


def _spoken(row: WordRow) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in row.spoken_of.items()) or "nothing"


def _meaning(row: WordRow) -> str:
    """What it means, or a line for each suggestion."""
    if row.meanings:
        return "\n".join(f"{each.label}  {each.skill}  (by {each.by})" for each in row.meanings)
    if row.verdict == "no_skill":
        return "no skill  (by person)"
    lines = [f"{each.score:.2f}  {each.label}  {each.skill}" for each in row.suggestions]
    return "\n".join(["? open", *lines])


@app.command("match")
def match_command(store: StoreOption = None, json: JsonOption = False) -> None:
    """Match words to labels of vocabularies anew; each load that brings either has done it already."""
    from graph.words.match import match_words

    with opened(store) as graph_store:
        done = match_words(graph_store, settings(store))
    if json:
        print_json(asdict(done))
    else:
        typer.echo(f"{done.stated:,} matches stated, {done.undone:,} undone")


@app.command("accept")
def accept_command(
    word: WordArgument, skill: SkillArgument, store: StoreOption = None, json: JsonOption = False
) -> None:
    """The word means this skill, from now on and whatever is loaded."""
    from graph.words.decide import accept

    _decide(word, store, json, lambda opened_store, chosen: accept(opened_store, chosen, word, skill))


@app.command("reject")
def reject_command(
    word: WordArgument,
    skill: Annotated[
        str | None, typer.Argument(help="The skill it does not mean; without one it means none.", show_default=False)
    ] = None,
    store: StoreOption = None,
    json: JsonOption = False,
) -> None:
    """The word does not mean this skill, or no skill at all: it is not matched or suggested again."""
    from graph.words.decide import reject

    _decide(word, store, json, lambda opened_store, chosen: reject(opened_store, chosen, word, skill))


@app.command("forget")
def forget_command(word: WordArgument, store: StoreOption = None, json: JsonOption = False) -> None:
    """Take back what was decided of the word, and everything that it caused."""
    from graph.words.decide import forget

    _decide(word, store, json, lambda opened_store, chosen: forget(opened_store, chosen, word))


def _decide(word: str, store: str | None, json: bool, act: Callable[[Store, Settings], None]) -> None:
    """Do it, and show what the word means now."""
    from graph.words.decide import BadDecision
    from graph.words.listing import word_row

    chosen = settings(store)
    with opened(store) as graph_store:
        try:
            act(graph_store, chosen)
        except BadDecision as error:
            raise Failed(str(error)) from error
        row = word_row(graph_store, chosen, word)
    _print_row(row, json)


def _print_row(row: WordRow | None, json: bool) -> None:
    shown: dict[str, Any] | None = asdict(row) if row else None
    if json:
        print_json(shown)
    elif row is None:
        typer.echo("there is no such word any longer")
    else:
        typer.echo(f"{row.said!r} ({row.word}): {_meaning(row)}")
