"""A deployment's settings, read from the environment once."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from graph.errors import BadSetting
from ontology.languages import canonical_tag

ALGORITHMS = ("RS256", "EdDSA")
"""With which credentials are signed; every reader of Open Badges must know the first."""

_SWITCH = dict.fromkeys(("1", "true", "yes", "on"), True) | dict.fromkeys(("", "0", "false", "no", "off"), False)
_TAG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")  # BCP 47, as far as its letters go
_BASE = re.compile(r"https?://[^\s/?#<>\"{}|\\^`]+(/[^\s?#<>\"{}|\\^`]*)?")


@dataclass(frozen=True, slots=True)
class Settings:
    """What a deployment may choose; `from_environment` names the variables."""

    store: str = "sqlite:skillgraph.db"
    ontology: Path | None = None  # the deployment's own ontology folder
    base_iri: str = "http://localhost:8000/"
    language: str = "en"  # of labels without a language tag
    source_order: tuple[str, ...] = ()  # which source's record gives a person's id
    unique_identities: tuple[str, ...] = ("employee-number",)  # identity systems of which a person has one value
    vocabularies: tuple[str, ...] = ()  # sources whose skills words may mean, the first before others; empty: all alike
    word_languages: tuple[str, ...] = ()  # of the labels that words are looked for in; empty: `language`
    issuer_name: str = "Skillgraph"  # of the organisation that publishes frameworks and issues credentials
    signing_algorithm: str = ALGORITHMS[0]
    signing_key_file: Path | None = None  # keys of the deployment's own; None: made, and kept beside the store
    publish: bool = False  # whether what is not personal needs no key
    title: str = "Skillgraph"  # of the data set that is published
    licence: str = ""  # the address of the terms under which it is published
    changes_days: int | None = None  # how far back others may follow changes; None: to the first

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """SKILLGRAPH_STORE, _ONTOLOGY, _BASE_IRI, _LANGUAGE, _ISSUER_NAME, _SIGNING_ALGORITHM, _SIGNING_KEY_FILE,
        _PUBLISH, _TITLE, _LICENCE, _CHANGES_DAYS; as comma lists _SOURCE_ORDER, _UNIQUE_IDENTITIES, _VOCABULARIES,
        _WORD_LANGUAGES."""
        given = {name: environment.get(f"SKILLGRAPH_{name.upper()}") for name in cls.__dataclass_fields__}
        plain = {
            name: text
            for name in ("store", "base_iri", "language", "issuer_name", "signing_algorithm", "title", "licence")
            if (text := given[name])
        }
        lists = {
            name: tuple(part.strip() for part in text.split(",") if part.strip())
            for name in ("source_order", "unique_identities", "vocabularies", "word_languages")
            if (text := given[name]) is not None
        }
        paths = {name: Path(text) for name in ("ontology", "signing_key_file") if (text := given[name])}
        own = {
            "publish": _is_on("SKILLGRAPH_PUBLISH", given["publish"]),
            "changes_days": _days("SKILLGRAPH_CHANGES_DAYS", given["changes_days"]),
        }
        if "language" in plain:
            plain["language"] = _language("SKILLGRAPH_LANGUAGE", plain["language"])
        if "base_iri" in plain:
            plain["base_iri"] = _base("SKILLGRAPH_BASE_IRI", plain["base_iri"])
        return cls(**own, **paths, **plain, **lists)  # type: ignore[arg-type]


def _is_on(variable: str, text: str | None) -> bool:
    found = _SWITCH.get((text or "").strip().lower())
    if found is None:
        raise BadSetting(variable, "this is neither on nor off", "Set 1 or 0, or unset it.", text or "")
    return found


def _days(variable: str, text: str | None) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit()) or not 0 < int(text) < 100_000:
        raise BadSetting(variable, "this is no number of days", "Set a whole number, 1 or more, or unset it.", text)
    return int(text)


def _language(variable: str, text: str) -> str:
    if _TAG.fullmatch(text) is None:
        raise BadSetting(variable, "this is no language tag", "Set one such as en or pt-BR.", text)
    return canonical_tag(text)


def _base(variable: str, text: str) -> str:
    """An address that others are put behind: it ends with a slash."""
    if _BASE.fullmatch(text) is None or not text.isascii():
        fix = "Set an address such as https://skills.example/, without a question mark and a fragment."
        raise BadSetting(variable, "this is no http address that others can be put behind", fix, text)
    return f"{text.rstrip('/')}/"
