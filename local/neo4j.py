"""A local Neo4j until Ctrl-C: `python -m local.neo4j [--port 7687] [--home DIR] [--heap 512m]`."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import NoReturn

from local.jars import CannotRun
from local.server import LASTING, Neo4j

_LOOK_SECONDS = 0.5


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGINT, SIGTERM or SIGHUP; 1 when it cannot, or when the server ends by itself."""
    asked = _parser().parse_args(arguments)
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, _stop)
    server = None
    try:
        server = Neo4j(home=asked.home, port=asked.port, heap=asked.heap, password=asked.password, java=LASTING)
        server.start()
        _tell(server, asked.home)
        while server.pid is not None:
            time.sleep(_LOOK_SECONDS)
        raise CannotRun(f"Neo4j ended by itself; see {server.home / 'logs'}")
    except _Stopped:
        return 0
    except CannotRun as problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    finally:
        for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(each, signal.SIG_IGN)
        if server is not None:
            server.close()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local.neo4j", description="A local Neo4j until Ctrl-C.")
    parser.add_argument("--port", type=int, default=7687, help="of Bolt, on 127.0.0.1 (default: 7687)")
    parser.add_argument("--home", type=Path, help="where the data are kept; without it they go when it ends")
    parser.add_argument("--heap", default="512m", help="most memory for Java's heap (default: 512m)")
    parser.add_argument("--password", help="of the user neo4j; without it no password is asked for")
    return parser


def _tell(server: Neo4j, home: Path | None) -> None:
    """The address on stdout, all else on stderr."""
    sys.stdout.write(f"{server.url}\n")
    sys.stdout.flush()
    data = f"the data are kept in {home}" if home else "the data go when it ends (--home DIR keeps them)"
    sys.stderr.write(f"Neo4j answers; {data}; Ctrl-C ends it.\nexport SKILLGRAPH_STORE={server.url}\n")


class _Stopped(BaseException):
    """A signal asked for the end."""


def _stop(_number: int, _frame: FrameType | None) -> NoReturn:
    raise _Stopped


if __name__ == "__main__":
    sys.exit(main())
