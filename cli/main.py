"""The `skillgraph` command: one module a group of commands, all of them declared here."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from cli import ask, bench, check, copy, export, keys, load, people, serve, signing, validate, words
from cli.runtime import Commands

app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="A knowledge graph of skills, roles and learners: who meets a role's profile, and why.",
)


@app.callback()
def skillgraph(
    store: Annotated[
        str | None, typer.Option("--store", help="sqlite:PATH or neo4j://… for every command (also SKILLGRAPH_STORE).")
    ] = None,
) -> None:
    """Answers go to stdout, everything else to stderr; exit 0 done, 1 the work failed, 2 wrong usage."""
    if store:
        os.environ["SKILLGRAPH_STORE"] = store


app.command("load")(load.load_command)
app.command("sources")(load.sources_command)
app.command("loads")(load.loads_command)
app.command("rejects")(load.rejects_command)
app.command("ask")(ask.ask_command)
app.command("questions")(ask.questions_command)
app.command("validate")(validate.validate_command)
app.command("export", cls=export.WithFormats)(export.export_command)
app.command("copy")(copy.copy_command)
app.command("serve")(serve.serve_command)
app.add_typer(words.app, name="words", help="Free skill names: what they mean, and what you decide of them.")
app.add_typer(keys.app, name="keys", help="API keys: create, list, revoke.")
app.add_typer(signing.app, name="signing", help="The keys that credentials are signed with: list, rotate.")
app.command("people")(people.people_command)
app.command("erase")(people.erase_command)
app.command("access")(people.access_command)
app.command("check")(check.check_command)
app.command("bench")(bench.bench_command)

if __name__ == "__main__":
    app()
