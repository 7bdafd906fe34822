"""`skillgraph serve`: the HTTP API over a store."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.runtime import StoreOption, opened, settings


def serve_command(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one.")] = 8000,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes that answer.")] = 1,
    store: StoreOption = None,
) -> None:
    """Serve the API until stopped."""
    from api.serve import serve

    chosen = settings(store)
    with opened(chosen.store, create=True):
        pass  # a store that cannot be opened is said here, once, not by every worker
    serve(chosen.store, chosen, host=host, port=port, workers=workers)
