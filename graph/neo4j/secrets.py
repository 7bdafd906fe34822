"""The deployment's secret, the same on every machine that uses a database."""

from __future__ import annotations

from graph.neo4j.address import Address
from graph.neo4j.server import Server
from graph.place import made_place
from graph.secret import Secret, deployment_secret

_CHECK = "MATCH (s:_Store) RETURN s.secret_check"
_CLAIM = "MATCH (s:_Store) SET s.secret_check = coalesce(s.secret_check, $check) RETURN s.secret_check"


def shared_secret(server: Server, address: Address) -> Secret:
    """The secret, once the database remembers which one it is; raises `BadSecret` for another.

    Who first needs it says which it is: a second machine, with a secret of its own, would name the same person
    differently.
    """
    place = made_place(address.shown)
    secret = deployment_secret(place, check=_remembered(server))
    if _remembered(server) is None:
        server.write(lambda writer: writer.run(_CLAIM, check=secret.check()))
        deployment_secret(place, check=_remembered(server))
    return secret


def _remembered(server: Server) -> str | None:
    rows = server.read(_CHECK)
    return rows[0][0] if rows else None
