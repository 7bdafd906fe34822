"""What only the server knows, put into cases that are to be accepted; cases that are to be refused stay as they are."""

from __future__ import annotations

from typing import Any

import schemathesis
from schemathesis import Case, GenerationMode, HookContext

HIGHEST_LEVEL = 3  # of the home scale


@schemathesis.hook
def before_call(context: HookContext, case: Case[Any], kwargs: dict[str, Any]) -> None:
    """No cursors (they are made by the server, and tested apart), levels of the home scale, each file once."""
    if case.meta is None or case.meta.generation.mode is not GenerationMode.POSITIVE:
        return
    for place in (case.query, case.body):
        if isinstance(place, dict):
            _tell_what_the_server_knows(place)
    if case.path.startswith("/xapi"):
        _name_one_statement(case)


def _name_one_statement(case: Case[Any]) -> None:
    """Who asks for one statement asks for nothing else, and who puts one names it in one place; each is sent once."""
    query: dict[str, Any] = case.query if isinstance(case.query, dict) else {}
    named = [name for name in ("statementId", "voidedStatementId") if name in query]
    if named and case.method == "GET":
        case.query = {named[0]: query[named[0]]}
    body: Any = case.body
    for each in body if isinstance(body, list) else [body]:
        if isinstance(each, dict):
            each.pop("id", None)


def _tell_what_the_server_knows(values: dict[str, Any]) -> None:
    values.pop("cursor", None)
    for each in (values, *values.get("profile", ())):
        if isinstance(each, dict) and "level" in each:
            each["level"] = min(int(each["level"]), HIGHEST_LEVEL)
    if isinstance(values.get("files"), list):
        values["files"] = values["files"][:1]
