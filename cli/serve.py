"""`skillgraph serve`: the HTTP API over a store."""

from __future__ import annotations

import sys
from multiprocessing import get_context
from typing import Annotated

import typer

from cli.runtime import Failed, StoreOption, opened, os_sentence, settings
from graph.errors import StoreError
from graph.store import Busy
from ontology.errors import OntologyError


def serve_command(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one.")] = 8000,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes that answer.")] = 1,
    store: StoreOption = None,
) -> None:
    """Serve the API until stopped."""
    from api.serve import NotListening, serve

    chosen = settings(store)
    _open_once(chosen.store)
    try:
        serve(chosen.store, chosen, host=host, port=port, workers=workers)
    except NotListening as error:
        raise Failed(str(error)) from error


def _open_once(url: str) -> None:
    """A store or an ontology that cannot be opened is said here, once, not by every worker.

    In a process of its own: from the one that workers are forked from no store is ever opened.
    """
    opening = get_context("fork").Process(target=_open, args=(url,))
    opening.start()
    opening.join()
    if opening.exitcode:
        raise typer.Exit(1)


def _open(url: str) -> None:
    try:
        with opened(url, create=True):
            pass
    except (Failed, StoreError, Busy, OntologyError) as error:
        _leave(str(error))
    except OSError as error:
        _leave(os_sentence(error))


def _leave(sentence: str) -> None:
    """As every command does that failed, but from a process that no command runs in."""
    typer.echo(f"Error: {sentence}", err=True)
    sys.exit(1)
