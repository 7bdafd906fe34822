"""Open Badges 2.0 and 3.0, and CLR 2.0: credentials that people were given, and whether these are to be believed.

The learner is a record of the person as the issuer names them, joined to others by what the credential states
(addresses, hashes of these, accounts); their name or address is in no id. `verification` says what was found when the
credential was loaded: the signature, a revocation, the end of its validity. A credential that expired is `expired` only
when its signature was found good: `unverified` would be lost otherwise, and when it expired is known anyhow.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from graph.viewer import OPERATOR
from loaders.events import made_of
from loaders.readers.documents import Unread
from loaders.records import Parts
from loaders.source import BadRecord, BadRow, Config, Record, Rows, Source
from loaders.sources.openbadges_achievements import CALLED, Achievements
from loaders.sources.openbadges_award import Award, Identity, award, is_badge, objects
from loaders.sources.openbadges_beside import BIT_LISTS, Beside, bits_of, id_of, is_beside
from loaders.sources.openbadges_files import Found, found, types
from loaders.sources.openbadges_results import Description, Judged, judged, plain
from loaders.sources.openbadges_tables import MAPPINGS, NO_ACHIEVEMENT, TABLES, UNUSUAL
from loaders.strict import Unreadable
from ontology.ids import make_curie
from ontology.values import parse_instant

if TYPE_CHECKING:
    from loaders.signatures import Keys, State

TRUSTED = ("verified", "expired")
"""States in which the issuer said what the credential says."""


def read(config: Config) -> Iterator[Rows]:
    """Every credential, after a look at what lies beside; then the achievements, each as the newest has it."""
    from loaders.signatures import keys_at_hand

    reader = _Reader(config, Beside.of(found(config.paths)), keys_at_hand())
    for each in found(config.paths):
        if isinstance(each, Unread):
            yield BadRecord("credentials", each.file, each.bad)
        else:
            yield from reader.rows(each)
    yield from reader.achievements.rows()


class _Reader:
    """Credentials to rows."""

    def __init__(self, config: Config, beside: Beside, keys: Keys) -> None:
        self._config, self._beside, self._keys, self._parts = config, beside, keys, Parts()
        self.achievements = Achievements(config.model.prefixes, self._parts)  # what the credentials bring along
        self._home: dict[str, bool] = {}  # key of a description -> whether its scale has a crosswalk

    def rows(self, each: Found) -> Iterator[Rows]:
        """The rows of one credential, or of what lies beside."""
        try:
            if is_badge(each.value):
                self.achievements.take(each.file, id_of(each.value.get("issuer")), each.value, None)
            elif is_beside(each.value):
                yield _beside(each)
            else:
                yield from list(self._credential(each, award(each.value, self._beside)))  # whole, or none of it
        except Unreadable as error:
            yield _bad(each, error)
        except ValueError as error:  # a key that makes no id
            yield _bad(each, Unreadable("", str(error)))

    def _credential(self, each: Found, given: Award) -> Iterator[Rows]:
        joining = [known for known in given.identities if known.system]
        if not joining:
            raise Unreadable("credentialSubject", "names nobody: give an id, or an identity that people are joined by")
        holder = self._hash("learner", joining[0].system, joining[0].value)
        learner = make_curie("openbadges-learner", holder)
        state = self._state(each, given)
        achievement = self._achievement(each.file, given, state)
        cells = {
            "learner": learner,
            "holder": holder,
            "credential": given.key or f"no-id.{self._hash('credential', learner, achievement or '', str(given))}",
            "achievement": achievement,
            "validFrom": given.valid_from,
            "validUntil": given.valid_until,
            "verification": state,
            "url": _address(given),
            "is_beside": "no",
        }
        yield Record("credentials", each.file, each.row, cells, () if achievement else (NO_ACHIEVEMENT,))
        for known in dict.fromkeys(given.identities):
            row = self._identity(learner, known, state in TRUSTED or known == joining[0])
            yield self._parts.record("identities", each.file, {**row, "believed": _believed(state)})
        yield from self._results(each.file, given, cells)
        yield from self._aligned(each.file, given, cells)

    def _identity(self, learner: str, known: Identity, is_sure: bool) -> dict[str, Any]:
        """An identity; one that anybody may have written down is another than the same one that was signed."""
        return {
            "learner": learner,
            "system": known.system or None,
            "value": known.value if known.system else None,
            "verified": "true" if is_sure else "false",
            "identity": self._hash("identity", learner, known.system, known.value, *(() if is_sure else ("unsure",))),
        }

    def _achievement(self, file: str, given: Award, state: str) -> str | None:
        """What was achieved; of a broken credential only what it is called is taken, where nobody else says it."""
        if state == "broken":
            called = {name: value for name, value in given.achievement.items() if name in CALLED}
            return self.achievements.take(file, given.issuer, called, None)
        trust = int(_meant(state, given) in TRUSTED)
        return self.achievements.take(file, given.issuer, given.achievement, given.valid_from, trust)

    def _aligned(self, file: str, given: Award, cells: Mapping[str, Any]) -> Iterator[Record]:
        """What is aligned to by one that nobody signed, as evidence of its holder; else such evidence that is there."""
        state = _meant(cells["verification"], given)
        names = ("learner", "achievement", "validFrom", "validUntil")
        same = {**{name: cells[name] for name in names}, "verification": state}
        keys = {
            target: made_of(cells["credential"], cells["holder"], target or "")
            for target in map(self.achievements.target, objects(given.achievement.get("alignment")))
        }
        there = set(keys.values()) if state in ("unverified", "revoked") else self._stated(keys.values())
        if not there:
            return
        for row in self.achievements.alignments(file, "aligned", same, given.achievement):
            if row.table == "words":
                yield row
            elif (key := keys[row.cells["target"]]) in there:
                yield replace(row, cells={**row.cells, "aligned": key})

    def _stated(self, keys: Iterable[str]) -> set[str]:
        """Those of which there is evidence already: there was no signature, or no key, when it was loaded."""
        store, ids = self._config.store, {make_curie("openbadges-aligned", key): key for key in keys}
        if store is None or not ids:
            return set()
        return {key for key, found in zip(ids.values(), store.types_of(list(ids)), strict=True) if found is not None}

    def _results(self, file: str, given: Award, cells: Mapping[str, Any]) -> Iterator[Record]:
        """A result, and its level once more for each skill that it is about."""
        known = self.achievements.descriptions(given.issuer, given.achievement)
        same = {name: cells[name] for name in ("learner", "validFrom", "validUntil", "verification")}
        same["believed"] = _believed(cells["verification"])
        for number, result in enumerate(objects(given.results), start=1):
            by = known.get(plain(result.get("resultDescription")) or "")
            said = judged(result, by, list(known.values()))
            same |= {"description": by.key if by else None, "status": plain(result.get("status"))}
            key = f"{cells['credential']}.{cells['holder']}.{number}"
            points = {"value": said.points, "valueMin": said.low, "valueMax": said.high}
            yield self._parts.record("results", file, {**same, "result": key, **points}, said.flags)
            skills = dict.fromkeys([*self.achievements.skills(result), *(by.targets if by else ())])
            for place, skill in enumerate(skills if said.scale else (), start=1):
                level = {
                    "skill": skill,
                    "level": said.level,
                    "scale": _scale(said),
                    "has_crosswalk": "yes" if self._leads_home(said, known.values()) else "no",
                }
                yield self._parts.record("achieved", file, {**same, "result": f"{key}.{place}", **level})

    def _leads_home(self, said: Judged, known: Iterable[Description]) -> bool:
        """Whether anyone stated what levels of the scale stand for at home."""
        scale = said.scale or ""
        if scale not in self._home:
            steps = [step.key for each in known for step in each.steps if each.key == scale]
            levels = [make_curie("openbadges-level", key) for key in steps]
            store = self._config.store
            self._home[scale] = not steps or store is None or bool(store.expand(levels, OPERATOR, ["CORRESPONDS_TO"]))
        return self._home[scale]

    def _state(self, each: Found, given: Award) -> str:
        """What is known of a credential now, the worst first."""
        signature = self._signature(each, given.issuer, given.version)
        if signature == "broken":
            return "broken"
        if each.value.get("revoked") is True or self._beside.revokes(each.value, given.issuer):
            return "revoked"
        if signature == "verified" and _is_over(given.valid_until):
            return "expired"
        return signature

    def _signature(self, each: Found, issuer: str, version: str) -> State:
        """By a token, by a proof, or by the bundle of the same issuer that a credential without either is in.

        In 2.0 the issuer may stand in another document, which nobody signed: its name is no key there.
        """
        from loaders.signatures import proof_state, token_state

        keys = self._keys.known.get(issuer, ()) if version == "2.0" else self._keys.of(issuer)
        states: list[State] = []
        if each.token is not None:
            claimed = each.text.value.get("iss", issuer)
            states.append(token_state(each.token, keys) if claimed == issuer else "broken")
        if each.value.get("proof"):
            states.append(proof_state(each.written(), issuer, keys))
        if not states and each.bundle is not None and id_of(each.bundle.value.get("issuer")) == issuer:
            states.append(self._signature(each.bundle, issuer, version))
        if "broken" in states:
            return "broken"
        return "verified" if "verified" in states and self._keys.believes(issuer) else "unverified"

    def _hash(self, *parts: str) -> str:
        assert self._config.secret is not None, "a load has the deployment's secret"
        return self._config.secret.pseudonym("openbadges", *parts)


def _meant(state: str, given: Award) -> str:
    """What is known of the achievement as the credential has it: nobody signed a badge class that it only names."""
    return state if given.is_whole or state not in TRUSTED else "unverified"


def _believed(state: str) -> str:
    return "no" if state == "broken" else "yes"


def _scale(said: Judged) -> str:
    """The id of the scale that a level is on: one of ours, else that of its description."""
    scale = said.scale or ""
    return scale if scale.startswith("scale:") else make_curie("openbadges-scale", scale)


def _is_over(until: str | None) -> bool:
    try:
        return until is not None and parse_instant(until, ends=True)[0] <= time.time()
    except ValueError:
        return False  # the row is rejected for it


def _address(given: Award) -> str | None:
    """Where the credential can be seen, else the first of what it was given for."""
    places = [given.key, *(id_of(each) for each in given.evidence)]
    return next((place for place in places if place.startswith(("https://", "http://"))), None)


def _beside(each: Found) -> Record:
    if set(types(each.value)) & set(BIT_LISTS):
        bits_of(each.value)
    cells = dict.fromkeys(("learner", "validFrom", "verification"))
    return Record("credentials", each.file, each.row, {**cells, "credential": id_of(each.value), "is_beside": "yes"})


def _bad(each: Found, error: Unreadable) -> BadRecord:
    """Of the credential only its id is kept: the rest may tell whose it is, and could not be found when they are
    erased."""
    raw = {"credential": id_of(each.value)}
    return BadRecord("credentials", each.file, BadRow(each.row, error.field, error.value, str(error), raw))


SOURCE = Source(
    "openbadges",
    read=read,
    mappings=MAPPINGS,
    tables=TABLES,
    description="badges and other credentials that people were given, with results, alignments and signatures",
    reads=".json, .jsonld, .jsonl, .jwt, .jws (a token a line): credentials, bundles, badge classes, issuers, "
    "status lists; .gz or .zip of them",
    versions="Open Badges 2.0, 3.0; CLR 2.0",
    lacks=[
        "Data Integrity proofs of other suites than eddsa-jcs-2022 and ecdsa-jcs-2019 (such as eddsa-rdfc-2022): they "
        "need JSON-LD contexts, which are never fetched; such a credential is unverified",
        "badges within pictures (PNG, SVG): take the credential out, or export it as JSON",
        "hosted verification of 2.0, refreshService, did:web: nothing is fetched; give keys in SKILLGRAPH_ISSUER_KEYS",
        "Open Badges 1.0 and 1.1: a badge of these is rejected, saying so",
        "`association` of a CLR, `endorsement`: what credentials have to do with each other, and who else approves",
        "status lists of other purposes than `revocation`, such as `suspension`: what is suspended may count again",
        "alignments that an issuer takes back: a credential adds to what its achievement attests, and removes nothing",
        "alignments of badge classes of 2.0 that lie elsewhere than beside their assertions: nobody signed them",
        "`requiredLevel`, `requiredValue`: what the credential asks for; it was given",
        "`creditsEarned`, `term`, `role`, `licenseNumber`, `narrative`, `image`: nothing here asks for them",
        "`inLanguage`: labels are read as in the deployment's language",
        "names of people: records are joined by identities only",
    ],
    flags=UNUSUAL,
    log=True,
)
