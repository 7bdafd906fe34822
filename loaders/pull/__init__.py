"""Pulling: a source declares its API's endpoints as data, and one small way executes them. Decision 015.

A source that is pulled has `pull=Api(…)` in its `SOURCE`; `skillgraph load NAME https://host/base` then asks each
endpoint, in order, below that address. Everything else is the same as for its files: `reader` makes what turns the
items of answers into rows of the source's tables, and should be what `read` uses for the items of a file. It is made
anew for each pull, so it may remember what it saw.

    API = Api(
        endpoints=[
            Endpoint("candidates", "candidates", tables=("candidates",), paging=LinkHeader("per_page", 500),
                     changed=Changed("updated_after", field="updated_at")),
            Endpoint("feedback", "candidates/{id}/feedback", tables=("feedback",), each="candidates", items="data",
                     paging=NextToken("next", "offset", more="hasNext", size="limit", of=100)),
        ],
        reader=lambda config: Reader(config).rows,  # Callable[[Pulled], Iterable[Rows]]
        auth=Basic(),
    )
    SOURCE = Source("greenhouse", read=read, mappings=…, tables=…, ways=("file", "pull"), pull=API)

The token stands in the variable SKILLGRAPH_<NAME>_TOKEN, or in the file that SKILLGRAPH_<NAME>_TOKEN_FILE names; NAME
is the load's name in capitals, what is no letter or digit as `_`. A *path in a body* has dots: `links.user`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from loaders.source import Config, Rows


@dataclass(frozen=True, slots=True)
class Whole:
    """No paging: one answer holds all."""


@dataclass(frozen=True, slots=True)
class LinkHeader:
    """The next page stands in the header `Link: <…>; rel="next"` (RFC 8288)."""

    size: str = ""  # parameter that says how many items a page shall have
    of: int = 100


@dataclass(frozen=True, slots=True)
class NextLink:
    """The next page's address, absolute or not, stands in the body at the path `at`; absent, null or empty ends it."""

    at: str
    size: str = ""
    of: int = 100


@dataclass(frozen=True, slots=True)
class NextToken:
    """A token in the body at the path `at` is given back as `parameter`; it ends without one, or `more` being false."""

    at: str
    parameter: str
    more: str = ""  # path in the body of what says whether there is another page
    size: str = ""
    of: int = 100


@dataclass(frozen=True, slots=True)
class PageNumber:
    """Pages are counted from `first`; a page without items is behind the last, or `total` (path) items were read."""

    parameter: str = "page"
    first: int = 1
    total: str = ""
    size: str = ""
    of: int = 100


@dataclass(frozen=True, slots=True)
class Offset:
    """`parameter` is the place of a page's first item, counted from `first` (SCIM: from 1); ends as PageNumber."""

    parameter: str = "offset"
    first: int = 0
    total: str = ""
    size: str = ""
    of: int = 100


Paging = Whole | LinkHeader | NextLink | NextToken | PageNumber | Offset


@dataclass(frozen=True, slots=True)
class Changed:
    """How an endpoint is asked for what changed since the last pull.

    The cursor that is kept is the latest instant seen in `field` of its items, less `overlap` seconds when it is asked
    with: what its system committed late is not missed, and what comes again changes nothing.
    """

    parameter: str
    field: str  # path in an item: when it was last changed
    unit: Literal["iso", "seconds", "milliseconds"] = "iso"  # how the parameter and the field write an instant
    template: str = "{since}"  # of the parameter's value: 'meta.lastModified ge "{since}"'
    overlap: int = 60


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One list that the API gives."""

    name: str  # the `file` of its rows, and the name of its cursor
    path: str  # below the base address; places such as {id} are filled from the item of `each`
    tables: Sequence[str]  # every table that its items may become rows of: with no items, it states that there are none
    parameters: Mapping[str, str] = field(default_factory=dict)  # values may hold places too
    items: str = ""  # path in the body of the list of items; empty: the body is the list
    one: bool = False  # what stands there is one item, not a list
    paging: Paging = Whole()
    changed: Changed | None = None  # None: it is read whole every time
    each: str = ""  # an earlier endpoint: this one is asked once for each of its items
    absent: Sequence[int | str] = ()  # statuses, or what `Api.error` says, of nothing, such as 404 of one item's list
    method: Literal["GET", "POST"] = "GET"  # POST: the parameters are the body, as a form


@dataclass(frozen=True, slots=True)
class InHeader:
    """The token in a header."""

    header: str = "Authorization"
    before: str = "Bearer "
    optional: bool = False  # the API is open, or may be


@dataclass(frozen=True, slots=True)
class Basic:
    """The token as the user's name of HTTP's basic authentication, without a password."""

    optional: bool = False


@dataclass(frozen=True, slots=True)
class InForm:
    """The token as a field of the form that is posted (never in an address)."""

    name: str
    optional: bool = False


Auth = InHeader | Basic | InForm


@dataclass(frozen=True, slots=True)
class Patience:
    """How long an API is waited for, and how often it is asked again; times in seconds."""

    tries: int = 8  # of one request
    backoff: float = 1.0  # before the second try; doubled each time, with up to as much jitter
    longest: float = 60.0  # that a wait of our own is
    longest_asked: float = 900.0  # that a Retry-After is obeyed; a longer one stops the pull
    timeout: float = 60.0  # for a connection, and between two pieces of an answer


@dataclass(frozen=True, slots=True)
class Pulled:
    """One item of an answer; numbers in `value` are text, as everywhere in strict JSON."""

    endpoint: str
    file: str  # the endpoint's name
    row: int  # its place among all items of the endpoint, from 1
    value: Any
    parent: Mapping[str, str] = field(default_factory=dict)  # what its request's places were filled with


@dataclass(frozen=True, slots=True)
class Api:
    """What a source's `pull` is."""

    endpoints: Sequence[Endpoint]
    reader: Callable[[Config], Callable[[Pulled], Iterable[Rows]]]
    auth: Auth | None = InHeader()
    headers: Mapping[str, str] = field(default_factory=dict)
    error: str = ""  # key of a body that says, in an answer with status 200, that the request was refused
    most_bytes: int = 64 << 20  # of one answer, unpacked
    patience: Patience = Patience()
