"""Structured logs on stderr: one JSON object a line, without personal data.

Logged of a request: its id, route template, status, time and key id. Never its query, body, path or key, never the
text of an error: each of them may name a person.
"""

from __future__ import annotations

import logging
import sys
import traceback
from typing import Any

import structlog


class Lines:
    """Writes whole lines to whatever sys.stderr is now."""

    def info(self, line: str) -> None:
        """Write one line."""
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()


_LOGGER = structlog.wrap_logger(
    Lines(),
    processors=[
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        structlog.processors.JSONRenderer(sort_keys=True),
    ],
    cache_logger_on_first_use=True,
)


def log(event: str, **facts: str | int | float | list[str] | None) -> None:
    """Write one line. Facts are names, numbers, and ids of keys and requests; never a value that came in."""
    _LOGGER.info(event, **facts)


def log_failure(event: str, error: BaseException, **facts: str | int | float | list[str] | None) -> None:
    """Write where an error came from: its class and the places it passed, without its text."""
    places = [
        f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)[-12:]
    ]
    log(event, error=type(error).__name__, places=places, **facts)


class ServerLogs(logging.Handler):
    """Puts what the server itself says (started, stopped, a malformed request) into the same form."""

    def emit(self, record: logging.LogRecord) -> None:
        facts: dict[str, Any] = {"level": record.levelname.lower()}
        if record.exc_info and record.exc_info[1]:
            log_failure("server", record.exc_info[1], **facts)
        else:
            log("server", message=record.getMessage(), **facts)
