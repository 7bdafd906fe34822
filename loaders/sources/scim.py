"""SCIM 2.0 (RFC 7643, 7644): users and groups, the spine by which the records of other systems find each other.

A resource is read by its schema, whatever file it is in: a ListResponse, a list, JSON lines. SCIM knows no dates of
employment, so departments are org units that a user is a member of without since and until.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from loaders.errors import LoadError
from loaders.pull import Api, Changed, Endpoint, Offset, Pulled
from loaders.readers.documents import Item, Unread, items
from loaders.readers.places import Places
from loaders.records import Parts
from loaders.rows import shown
from loaders.source import (
    BadRecord,
    BadRow,
    Config,
    EdgeMapping,
    Field,
    NodeMapping,
    Record,
    Rows,
    Skip,
    Source,
    Table,
)
from loaders.sources.made import Cells, Make, making
from loaders.sources.results import learner_id

CORE = "urn:ietf:params:scim:schemas:core:2.0:"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
_OLD = "urn:scim:schemas:core:1.0"

USER = NodeMapping(
    "Learner",
    table="users",
    id="{_learner}",
    fields={
        "label": "name",
        "email": "email",
        "kind": Field(constant="internal"),
        "location": "location",
        "status": Field("active", translate={"false": "inactive", "*": "active"}),
    },
    edges=[EdgeMapping("MEMBER_OF", to="OrgUnit", id="scim-unit:{unit}", each="unit", separator="\n")],
    version="lastModified",
)
IDENTITY = NodeMapping(
    "Identity",
    table="identities",
    id="scim-identity:{_key}",
    fields={"learner": "{_learner}", "system": "system", "value": "value"},
    version="lastModified",
)
UNIT = NodeMapping(
    "OrgUnit",
    table="units",
    id="scim-unit:{unit}",
    fields={"label": "name", "part_of": "scim-unit:{within}"},
)
GROUP = NodeMapping(
    "Cohort",
    table="groups",
    id="scim-group:{id}",
    fields={"label": "displayName"},
    version="lastModified",
)
MEMBER = EdgeMapping(
    "MEMBER_OF", table="members", start="{_learner}", to="Cohort", id="scim-group:{group}", version="lastModified"
)


def read(config: Config) -> Iterator[Rows]:
    """Every resource of every document."""
    reader, places = _Reader(), Places(config.paths)
    for path in config.paths:
        for item in items((path,)):
            if isinstance(item, Unread):
                file, row = places.of(path, item.bad.row)
                yield BadRecord("users", file, replace(item.bad, row=row))
            else:
                for each in _resources(Item(*places.of(path, item.row), item.value), places):
                    yield from reader.resource(each)


def _resources(item: Item, places: Places) -> Iterator[Item]:
    """The resources of a ListResponse (RFC 7644, 3.4.2), numbered by themselves, else the value itself."""
    value = item.value
    if isinstance(value, Mapping) and LIST in _schemas(value):
        found = value.get("Resources") or ()
        if not isinstance(found, list | tuple):
            raise LoadError("its Resources are no list: give a ListResponse as RFC 7644 has it", file=item.file)
        yield from (Item(*places.next(f"{item.file}/Resources"), each) for each in found)
    else:
        yield item


class _Reader:
    """Resources to rows; a unit is stated once."""

    def __init__(self) -> None:
        self._parts, self._units = Parts(), set[str]()

    def pulled(self, pulled: Pulled) -> Iterator[Rows]:
        """The rows of one resource of a service provider's answer."""
        return self.resource(Item(pulled.file, pulled.row, pulled.value))

    def resource(self, item: Item) -> Iterator[Rows]:
        """The rows of one resource."""
        from pydantic import ValidationError
        from scim2_models import EnterpriseUser, Group, User

        schemas = _schemas(item.value) if isinstance(item.value, Mapping) else ()
        try:
            if f"{CORE}User" in schemas:
                yield from self._user(item, *_valid(User[EnterpriseUser], item.value))
            elif f"{CORE}Group" in schemas:
                yield from self._group(item, *_valid(Group, item.value))
            else:
                yield _bad(item, "schemas", schemas, _foreign(item.value, schemas))
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            place = ".".join(str(part) for part in first["loc"]) or "schemas"
            yield _bad(item, place, first["input"], f"{first['msg']}: mend it as RFC 7643 has it")

    def _user(self, item: Item, user: Any, flags: Sequence[str]) -> Iterator[Rows]:
        from scim2_models import EnterpriseUser

        work = user[EnterpriseUser]
        path = [name for name in (work.organization, work.division, work.department) if name] if work else []
        cells = {
            "id": user.id,
            "name": user.display_name or (user.name.formatted if user.name else None),
            "email": _primary(user.emails),
            "location": _place(user.addresses),
            "active": user.active,
            "unit": _unit(path) if path else None,
            "lastModified": _modified(item.value),
        }
        yield from self._units_of(item, path)
        yield Record("users", item.file, item.row, cells, flags)
        known = [
            *(("email", each.value) for each in user.emails or ()),
            ("employee-number", work.employee_number if work else None),
            ("scim-user", user.id),
            ("scim-user-name", user.user_name),
            ("scim-external-id", user.external_id),
        ]
        for system, value in dict.fromkeys(known):
            if value and user.id:
                yield self._identity(item, user.id, system, value)

    def _identity(self, item: Item, user: str, system: str, value: str) -> Record:
        cells = {"user": user, "system": system, "value": value, "lastModified": _modified(item.value)}
        return self._parts.record("identities", item.file, cells)

    def _units_of(self, item: Item, path: Sequence[str]) -> Iterator[Record]:
        """The organisation, division and department of a user, each within the one before."""
        for depth in range(len(path)):
            unit = _unit(path[: depth + 1])
            if unit not in self._units:
                self._units.add(unit)
                within = _unit(path[:depth]) if depth else None
                yield self._parts.record("units", item.file, {"unit": unit, "name": path[depth], "within": within})

    def _group(self, item: Item, group: Any, flags: Sequence[str]) -> Iterator[Rows]:
        modified = _modified(item.value)
        cells = {"id": group.id, "displayName": group.display_name, "lastModified": modified}
        yield Record("groups", item.file, item.row, cells, flags)
        for member in group.members or ():
            kind = member.type or ("Group" if "/Groups/" in str(member.ref or "") else "User")
            cells = {"group": group.id, "user": member.value, "type": kind, "lastModified": modified}
            yield self._parts.record("members", item.file, cells)


def _foreign(value: Any, schemas: Sequence[str]) -> str:
    if any(each.startswith(_OLD) for each in schemas):
        return "is SCIM 1.1: export it as SCIM 2.0"
    if not isinstance(value, Mapping):
        return "is no object: give SCIM users and groups"
    return f"is neither a User nor a Group of SCIM 2.0: its schemas must name {CORE}User or {CORE}Group"


def _learner(key: str) -> Make:
    """The id of the user whose `id` a column holds; some providers take an address for it."""

    def make(cells: Cells, config: Config) -> str:
        if config.secret is None or not cells[key]:
            raise ValueError
        return learner_id("scim-user", cells[key], config.secret)

    return make


def _key(cells: Cells, config: Config) -> str:
    """What stands for an identity in its id: a hash, in place of what it is."""
    if config.secret is None or not cells["user"] or not cells["value"]:
        raise ValueError
    return config.secret.pseudonym("scim-identity", cells["user"], cells["system"], cells["value"])


def _valid(kind: Any, value: Mapping[str, Any]) -> tuple[Any, Sequence[str]]:
    """The resource as the standard types it; attributes that it does not have are left out, and flagged."""
    from pydantic import ValidationError

    try:
        return kind.model_validate(value), ()
    except ValidationError as error:
        extra = [each["loc"] for each in error.errors() if each["type"] == "extra_forbidden"]
        if not extra:
            raise
    return kind.model_validate(_without(value, set(extra))), ["unknown-attribute"]


def _without(value: Any, places: set[tuple[int | str, ...]], here: tuple[int | str, ...] = ()) -> Any:
    """The value without what stands at these places."""
    if isinstance(value, Mapping):
        inside = ((name, (*here, name)) for name in value)
        return {name: _without(value[name], places, place) for name, place in inside if place not in places}
    if isinstance(value, list):
        return [_without(each, places, (*here, number)) for number, each in enumerate(value)]
    return value


def _unit(path: Sequence[str]) -> str:
    return " / ".join(path)


def _primary(emails: Sequence[Any] | None) -> str | None:
    """The primary address, else the first."""
    return next((each.value for each in sorted(emails or (), key=lambda each: not each.primary)), None)


def _place(addresses: Sequence[Any] | None) -> str | None:
    """Where the user works."""
    found = sorted(addresses or (), key=lambda each: (each.type != "work", not each.primary))
    return next((each.locality or each.formatted for each in found), None)


def _modified(value: Mapping[str, Any]) -> str | None:
    """`meta.lastModified` as it is written."""
    meta = value.get("meta")
    return meta.get("lastModified") if isinstance(meta, Mapping) else None


def _schemas(value: Mapping[str, Any]) -> tuple[str, ...]:
    found = value.get("schemas")
    return tuple(map(str, found)) if isinstance(found, list) else ()


def _bad(item: Item, place: str, value: Any, reason: str) -> BadRecord:
    raw = item.value if isinstance(item.value, Mapping) else {"value": item.value}
    return BadRecord("users", item.file, BadRow(item.row, place, shown(value), reason, dict(raw)))


_CHANGED = Changed("filter", "meta.lastModified", template='meta.lastModified ge "{since}"')
_PAGES = Offset("startIndex", first=1, total="totalResults", size="count")
API = Api(
    endpoints=[
        Endpoint(
            "Users", "Users", ("users", "identities", "units"), items="Resources", paging=_PAGES, changed=_CHANGED
        ),
        Endpoint("Groups", "Groups", ("groups", "members"), items="Resources", paging=_PAGES, changed=_CHANGED),
    ],
    reader=lambda _: _Reader().pulled,
    headers={"Accept": "application/scim+json"},
)

NESTED = Skip("nested-group", "the member is a group; a cohort has people only", {"type": ["Group"]})
SOURCE = Source(
    "scim",
    read=read,
    mappings=[USER, IDENTITY, UNIT, GROUP, MEMBER],
    tables=[
        *(Table(name, optional="*") for name in ("units", "groups")),
        Table("users", optional="*", ignored=("id",)),
        Table("identities", optional="*", ignored=("user",)),
        Table("members", optional="*", ignored=("type", "user"), skips=[NESTED]),
    ],
    description="users and groups of an identity provider or personnel system",
    reads=".json, .jsonl: a ListResponse, a list or lines of User and Group resources; .gz or .zip of them",
    versions="2.0",
    prepare=making(
        {
            "users": {"_learner": _learner("id")},
            "identities": {"_learner": _learner("user"), "_key": _key},
            "members": {"_learner": _learner("user")},
        }
    ),
    ways=("file", "pull"),
    pull=API,
    local_ids=True,
    lacks=[
        "`manager`: SCIM does not say since when, so it makes no Employment; load these from the personnel system",
        "`phoneNumbers`, `photos`, `ims`, `x509Certificates`, `password`: nothing here asks for them",
        "`roles`, `entitlements`, `userType`, `title`: rights and titles in no vocabulary",
    ],
    flags={"unknown-attribute": "a resource has attributes that its schemas do not name; they are not loaded"},
)
