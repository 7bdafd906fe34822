"""A deployment's settings, read from the environment once."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


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

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """SKILLGRAPH_STORE, _ONTOLOGY, _BASE_IRI, _LANGUAGE, _SOURCE_ORDER, _UNIQUE_IDENTITIES,
        _VOCABULARIES and _WORD_LANGUAGES (comma lists)."""
        given = {name: environment.get(f"SKILLGRAPH_{name.upper()}") for name in cls.__dataclass_fields__}
        plain = {name: text for name in ("store", "base_iri", "language") if (text := given[name])}
        lists = {
            name: tuple(part.strip() for part in text.split(",") if part.strip())
            for name in ("source_order", "unique_identities", "vocabularies", "word_languages")
            if (text := given[name]) is not None
        }
        ontology = Path(given["ontology"]) if given["ontology"] else None
        return cls(ontology=ontology, **plain, **lists)  # type: ignore[arg-type]
