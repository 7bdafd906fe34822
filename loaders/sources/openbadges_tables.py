"""What credentials of Open Badges become: the mappings, the rules by which rows are left out, and the flags."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from loaders.source import AnyMapping, EdgeMapping, Field, NodeMapping, Skip, Table
from loaders.sources.openbadges_achievements import NO_SKILLS
from loaders.sources.openbadges_results import FOREIGN, NO_POINTS, OUTCOMES, UNKNOWN, UNORDERED, UNSCALED
from loaders.sources.results import FLAGS

NO_ACHIEVEMENT = "no-achievement"
TYPES = {
    **dict.fromkeys(("License", "Licence"), "licence"),
    **dict.fromkeys(("Degree", "AssociateDegree", "BachelorDegree", "MasterDegree", "DoctoralDegree"), "degree"),
    **dict.fromkeys(("ProfessionalDoctorate", "ResearchDoctorate"), "degree"),
    **dict.fromkeys(("Certificate", "CertificateOfCompletion", "Certification", "Diploma"), "certificate"),
    **dict.fromkeys(("ApprenticeshipCertificate", "JourneymanCertificate", "MasterCertificate"), "certificate"),
    "*": "badge",
}
"""AchievementType of Open Badges 3.0 -> type of Credential."""

ACHIEVEMENT = NodeMapping(
    "Credential",
    table="achievements",
    id="{achievement}",
    fields={"label": "name", "description": "description", "type": Field("achievementType", translate=TYPES)},
    version="stated_at",
)
ATTESTS = EdgeMapping(
    "ATTESTS",
    table="alignments",
    start="{achievement}",
    to="Skill",
    id="{target}",
    properties={"level": Field(constant="1")},  # an alignment has no level: the least that it may mean
)
WORD = NodeMapping("Skill", table="words", id="{word}", fields={"label": "targetName", "type": Field(constant="word")})
ASSESSMENT = NodeMapping(
    "Assessment",
    table="descriptions",
    id="openbadges-assessment:{description}",
    fields={"label": "name"},
    edges=[
        EdgeMapping("SCORED_WITH", to="Rubric", id="openbadges-rubric:{description}", when={"has_rubric": ["yes"]}),
    ],
    version="stated_at",
)
RUBRIC = NodeMapping(
    "Rubric",
    table="descriptions",
    id="openbadges-rubric:{description}",
    fields={"label": "name"},
    edges=[EdgeMapping("HAS_CRITERION", to="Criterion", id="openbadges-criterion:{description}")],
    when={"has_rubric": ["yes"]},
    version="stated_at",
)
CRITERION = NodeMapping(
    "Criterion",
    table="descriptions",
    id="openbadges-criterion:{description}",
    fields={"label": "name"},
    when={"has_rubric": ["yes"]},
    version="stated_at",
)
SCALE = NodeMapping(
    "Scale",
    table="descriptions",
    id="openbadges-scale:{description}",
    fields={"label": "name"},
    when={"has_levels": ["yes"]},
    version="stated_at",
)
LEVEL = NodeMapping(
    "Level",
    table="levels",
    id="openbadges-level:{level}",
    fields={"label": "name", "description": "text", "scale": "openbadges-scale:{description}", "rank": "rank"},
    version="stated_at",
)
CRITERION_LEVEL = NodeMapping(
    "CriterionLevel",
    table="levels",
    id="openbadges-criterion-level:{level}",
    fields={"label": "name", "description": "text", "points": "points", "position": "rank"},
    edges=[EdgeMapping("HAS_LEVEL", to="Criterion", id="openbadges-criterion:{description}", incoming=True)],
    when={"has_rubric": ["yes"]},
    version="stated_at",
)
ASSESSES = EdgeMapping(
    "ASSESSES", table="assessed", start="openbadges-criterion:{description}", to="Skill", id="{target}"
)
LEARNER = NodeMapping("Learner", table="credentials", id="{learner}")
HELD = NodeMapping(
    "Evidence",
    table="credentials",
    id="openbadges:{credential}.{holder}",
    fields={
        "learner": "{learner}",
        "kind": Field(constant="credential"),
        "about": "{achievement}",
        "shown_at": "validFrom",
        "expires_at": "validUntil",
        "verification": "verification",
        "url": "url",
    },
)
ALIGNED = NodeMapping(
    "Evidence",
    table="aligned",
    id="openbadges-aligned:{aligned}",
    fields={
        "learner": "{learner}",
        "kind": Field(constant="credential"),
        "about": "{achievement}",
        "skill": "{target}",
        "level": Field(constant="1"),
        "shown_at": "validFrom",
        "expires_at": "validUntil",
        "verification": "verification",
    },
)
IDENTITY = NodeMapping(
    "Identity",
    table="identities",
    id="openbadges-identity:{identity}",
    fields={"learner": "{learner}", "system": "system", "value": "value", "verified": "verified"},
)
_OF_RESULT: Mapping[str, str | Field] = {
    "learner": "{learner}",
    "kind": Field(constant="assessment"),
    "about": "openbadges-assessment:{description}",
    "outcome": Field("status", translate=OUTCOMES),
    "shown_at": "validFrom",
    "expires_at": "validUntil",
    "verification": "verification",
}
RESULT = NodeMapping(
    "Evidence",
    table="results",
    id="openbadges-result:{result}",
    fields={**_OF_RESULT, "score": Field("value", raw_minimum="valueMin", raw_maximum="valueMax")},
)
ACHIEVED = NodeMapping(
    "Evidence",
    table="achieved",
    id="openbadges-result:{result}",
    fields={**_OF_RESULT, "skill": "{skill}", "level": "level", "scale": "{scale}"},
)

NO_CREDENTIAL = Skip(
    "no-credential",
    "an issuer's profile or a status list is no credential; what it says is used for those beside it",
    {"is_beside": ["yes"]},
)
NO_SKILL = Skip(
    "not-a-skill", "the alignment is to a rubric, a part of one, or a credential", {"targetType": NO_SKILLS}
)
NO_TARGET = Skip("no-target", "the alignment names nothing: neither an address nor a name", {"target": [""]})
BROKEN = Skip(
    "broken-signature",
    "the credential's signature is wrong: what it says of the person joins nobody, and its results are none",
    {"believed": ["no"]},
)
NOBODY = Skip(
    "joins-nobody",
    "the identity is of a kind by which nobody is joined: a name, a telephone number, a national number, a product",
    {"system": [""]},
)
UNFINISHED = Skip(
    "not-final",
    "the result is of something that goes on or was given up: only final results count",
    {"status": ["Enrolled", "InProgress", "OnHold", "Provisional", "Withdrew"]},
)
FAILED = Skip("failed", "a result that was failed shows no skill; the result itself is kept", {"status": ["Failed"]})
NO_CROSSWALK = Skip(
    "no-crosswalk",
    "nobody said what the levels of the result's scale stand for at home: state CORRESPONDS_TO for them and load again",
    {"has_crosswalk": ["no"]},
)
NO_ALIGNMENT = (NO_SKILL, NO_TARGET)
MAPPINGS: Sequence[AnyMapping] = [
    *(ACHIEVEMENT, ATTESTS, WORD, ASSESSMENT, RUBRIC, CRITERION, SCALE, LEVEL, CRITERION_LEVEL, ASSESSES),
    *(LEARNER, HELD, ALIGNED, IDENTITY, RESULT, ACHIEVED),
]
TABLES = [
    *(Table(name, optional="*") for name in ("achievements", "words", "descriptions", "levels")),
    *(Table(name, optional="*", skips=NO_ALIGNMENT) for name in ("alignments", "aligned", "assessed")),
    Table("credentials", optional="*", skips=[NO_CREDENTIAL]),
    Table("identities", optional="*", skips=[NOBODY, BROKEN]),
    Table("results", optional="*", skips=[BROKEN, UNFINISHED]),
    Table("achieved", optional="*", skips=[BROKEN, UNFINISHED, FAILED, NO_CROSSWALK]),
]
UNUSUAL = {
    **FLAGS,
    NO_ACHIEVEMENT: "a credential says that something was achieved, but not what; it is kept",
    FOREIGN: "a result's achievedLevel is of another description than the one that it names; it is kept",
    UNKNOWN: "a result names a description that its achievement does not have; it is kept",
    UNSCALED: "a result's value is neither one of the allowed ones nor a number within a known range",
    UNORDERED: "a rubric's levels have the same points, so their order is that in which they are listed",
    NO_POINTS: "a level's points are no number, and were left out",
}
