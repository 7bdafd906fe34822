"""What others' queries are run in: a process of its own with limits, for no SPARQL engine has any."""

from __future__ import annotations

import os
import pickle
import resource
import subprocess
import sys
from collections.abc import Callable
from threading import Thread
from time import sleep
from typing import TypeVar

from ontology.rdf import ValidationInputError

Answer = TypeVar("Answer")
SECONDS = 600
BYTES = 8 << 30  # of addresses
_START = """import sys
sys.path[:] = sys.argv[3:]
from ontology.shacl.bounded import main
main(int(sys.argv[1]), int(sys.argv[2]))
"""
"""The same code as here, wherever this process has it from."""


def within_limits(run: Callable[..., Answer], *arguments: object) -> Answer:
    """What a function of a module answers, or raises; `ValidationInputError` when it takes too long or too much."""
    try:
        ended = subprocess.run(
            [sys.executable, "-c", _START, str(SECONDS), str(BYTES), *sys.path],
            input=pickle.dumps((run, arguments)),
            stdout=subprocess.PIPE,
            timeout=SECONDS,
            check=True,
            start_new_session=True,  # a Ctrl-C is ours to handle
        )
    except subprocess.TimeoutExpired as error:
        raise ValidationInputError(
            f"the queries of the shapes take more than {SECONDS} s; make them simpler"
        ) from error
    except subprocess.CalledProcessError as error:
        raise ValidationInputError(
            "the queries of the shapes take too much time or memory; make them simpler"
        ) from error
    answer = pickle.loads(ended.stdout)  # noqa: S301 - of our own process
    if isinstance(answer, ValidationInputError):
        raise answer
    found: Answer = answer
    return found


def main(seconds: int, most: int) -> None:
    """Run what stands in the input."""
    Thread(target=_end_without, args=(os.getppid(),), daemon=True).start()
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    out, sys.stdout = sys.stdout.buffer, sys.stderr
    run, arguments = pickle.load(sys.stdin.buffer)  # noqa: S301 - of our own process
    try:
        answer = run(*arguments)
    except ValidationInputError as error:
        answer = error
    except MemoryError:
        sys.exit(1)
    out.write(pickle.dumps(answer))


def _end_without(parent: int) -> None:
    while os.getppid() == parent:
        sleep(1)
    os._exit(1)
