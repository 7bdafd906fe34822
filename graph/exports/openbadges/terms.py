"""Open Badges 3.0 (1EdTech): its addresses and words, and who issues.

By https://www.imsglobal.org/spec/ob/v3p0, with contexts of its revision 3.0.3; contexts are named, never fetched.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graph.settings import Settings
from graph.signing import SigningKey, key_set

CONTEXTS = (
    "https://www.w3.org/ns/credentials/v2",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
    "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json",
)
KEY_CONTEXT = "https://www.w3.org/ns/cid/v1"
SCHEMA = {
    "id": "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_achievementcredential_schema.json",
    "type": "1EdTechJsonSchemaValidator2019",
}
ACHIEVEMENT_TYPES: Mapping[str, str] = {
    "badge": "Badge",
    "certificate": "Certificate",
    "licence": "License",
    "degree": "Degree",
}
"""Type of a Credential -> achievementType."""
SKILL_TYPE = "Competency"
"""The achievementType of a skill that is held."""


@dataclass(frozen=True, slots=True)
class Issuer:
    """The deployment as an issuer; `base` is its base IRI."""

    base: str
    name: str

    @classmethod
    def of(cls, base: str, settings: Settings) -> Issuer:
        return cls(base, settings.issuer_name)

    @property
    def id(self) -> str:
        """Where its profile is."""
        return f"{self.base}issuer"

    def kid(self, key: str) -> str:
        """Where the public half of a key is, by the key's name; what the header of a token calls it."""
        return f"{self.id}/keys/{key}"

    def achievement(self, skill: str) -> str:
        """The IRI of the achievement that holding a skill is."""
        return f"{self.base}achievements/{skill}"

    def profile(self) -> dict[str, Any]:
        """Profile, as credentials have it."""
        return {"id": self.id, "type": ["Profile"], "name": self.name, "url": self.base}

    def document(self, keys: list[SigningKey]) -> dict[str, Any]:
        """The profile at its address, with the keys that sign for it (W3C Controlled Identifiers 1.0)."""
        methods = [
            {
                "id": self.kid(key.name),
                "type": "JsonWebKey",
                "controller": self.id,
                "publicKeyJwk": key.jwk(self.kid(key.name)),
            }
            for key in keys
        ]
        said = {"verificationMethod": methods, "assertionMethod": [each["id"] for each in methods]} if methods else {}
        return {"@context": [*CONTEXTS[:2], KEY_CONTEXT], **self.profile(), **said}

    def key_set(self, keys: list[SigningKey]) -> dict[str, Any]:
        """The public halves of all keys, as a JWK Set."""
        return key_set(keys, {key.name: self.kid(key.name) for key in keys})
