"""ESCO: a tiny download of our own, and the full one where it is."""

from __future__ import annotations

import io
import logging
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from graph.digest import digest
from graph.ledger import LoadRecord
from graph.open import open_store
from graph.settings import Settings
from graph.store import Edge, Node, Store
from graph.viewer import OPERATOR
from loaders.errors import LoadError
from loaders.load import LoadRequest, load
from loaders.replay import write_csv
from loaders.sources.esco_files import NOT_READ, READ
from tests.loads.tables import Loader, counts

ESCO = "http://data.europa.eu/esco/"
SKILL = f"{ESCO}skill/"
HEAD = "conceptType,conceptUri,skillType,reuseLevel,preferredLabel,altLabels,hiddenLabels,status,modifiedDate,scopeNote"

SKILLS = f'''
{HEAD},definition,inScheme,description
KnowledgeSkillCompetence,{SKILL}haskell,knowledge,sector-specific,Haskell,"Haskell techniques
GHC",,released,2024-01-25T11:28:50.295Z,,,"{ESCO}concept-scheme/skills, {ESCO}concept-scheme/green","A language."
KnowledgeSkillCompetence,{SKILL}program,skill/competence,,program,,,released,,,,,
KnowledgeSkillCompetence,{SKILL}punch,skill/competence,,punch cards,,,obsolete,,,,,
'''
GROUPS = f'''
conceptType,conceptUri,preferredLabel,altLabels,hiddenLabels,status,modifiedDate,scopeNote,inScheme,description,code
SkillGroup,{SKILL}S5,working with computers,,,released,,,"{ESCO}concept-scheme/skills-hierarchy
{ESCO}concept-scheme/skill-transversal-groups",,S5
SkillGroup,{ESCO}isced-f/0613,software development,,,released,,,,,0613
'''
OCCUPATIONS = f'''
conceptType,conceptUri,iscoGroup,preferredLabel,altLabels,hiddenLabels,status,modifiedDate,regulatedProfessionNote,scopeNote,definition,inScheme,description,code
Occupation,{ESCO}occupation/developer,2512,software developer,"programmer
coder",,released,,,,,"{ESCO}concept-scheme/member-occupations,
{ESCO}concept-scheme/research-roles",Develops software.,2512.4
Occupation,{ESCO}occupation/game,2512,game developer,,,released,,,,,,,2512.4.1
'''
ISCO = f"""
conceptType,conceptUri,code,preferredLabel,status,altLabels,inScheme,description
ISCOGroup,{ESCO}isco/C251,251,Software developers and analysts,released,,,
ISCOGroup,{ESCO}isco/C2512,2512,Software developers,released,,,
"""
SCHEMES = f"""
conceptType,conceptSchemeUri,preferredLabel,title,status,description,hasTopConcept
ConceptScheme,{ESCO}concept-scheme/green,Green,,released,,{SKILL}unknown
ConceptScheme,{ESCO}concept-scheme/skill-transversal-groups,Transversal groups,,released,,{SKILL}S5
ConceptScheme,{ESCO}concept-scheme/research-roles,Research occupations,,released,,{ESCO}occupation/developer
ConceptScheme,{ESCO}concept-scheme/skills,ESCO skills,,released,,{SKILL}S5
ConceptScheme,{ESCO}concept-scheme/label-role,ESCO label roles,,,,{ESCO}label-role/male
"""
BROADER_SKILLS = f"""
conceptType,conceptUri,broaderType,broaderUri
KnowledgeSkillCompetence,{SKILL}haskell,SkillGroup,{ESCO}isced-f/0613
KnowledgeSkillCompetence,{SKILL}haskell,KnowledgeSkillCompetence,{SKILL}program
KnowledgeSkillCompetence,{SKILL}program,SkillGroup,{SKILL}S5
"""
BROADER_OCCUPATIONS = f"""
conceptType,conceptUri,broaderType,broaderUri
ISCOGroup,{ESCO}isco/C2512,ISCOGroup,{ESCO}isco/C251
Occupation,{ESCO}occupation/developer,ISCOGroup,{ESCO}isco/C2512
Occupation,{ESCO}occupation/game,Occupation,{ESCO}occupation/developer
"""
REQUIRES = f"""
occupationUri,relationType,skillType,skillUri
{ESCO}occupation/developer,essential,knowledge,{SKILL}haskell
{ESCO}occupation/developer,optional,knowledge,{SKILL}haskell
{ESCO}occupation/developer,optional,skill/competence,{SKILL}program
{ESCO}occupation/game,essential,skill/competence,{SKILL}not-downloaded
"""
DEPENDS_ON = f"""
originalSkillUri,originalSkillType,relationType,relatedSkillType,relatedSkillUri
{SKILL}program,knowledge,essential,knowledge,{SKILL}haskell
{SKILL}program,knowledge,optional,knowledge,{SKILL}program
"""
GREEN = f"""
conceptType,conceptUri,preferredLabel,status,skillType,reuseLevel,altLabels,description,broaderConceptUri,broaderConceptPT
KnowledgeSkillCompetence,{SKILL}program,another label,released,skill/competence,,x | y,,{SKILL}S5,working with computers
"""
DOWNLOAD = {
    "skills_en": SKILLS,
    "skillGroups_en": GROUPS,
    "occupations_en": OCCUPATIONS,
    "ISCOGroups_en": ISCO,
    "conceptSchemes_en": SCHEMES,
    "broaderRelationsSkillPillar_en": BROADER_SKILLS,
    "broaderRelationsOccPillar_en": BROADER_OCCUPATIONS,
    "occupationSkillRelations_en": REQUIRES,
    "skillSkillRelations_en": DEPENDS_ON,
    "greenSkillsCollection_en": GREEN,
}


def download(folder: Path, **tables: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name, text in tables.items():
        (folder / f"{name}.csv").write_text(textwrap.dedent(text).lstrip(), encoding="utf-8")
    return folder


def esco(store: Store, folder: Path, language: str = "en", **options: Any) -> LoadRecord:
    request = LoadRequest(source="esco", paths=(folder,), **options)
    record = load(store, request, settings=Settings(language=language))
    assert record.read == record.written + record.unchanged + record.skipped + record.waiting + record.rejected
    return record


@pytest.fixture
def loaded(store: Store, tmp_path: Path) -> Store:
    """The tiny download, loaded."""
    esco(store, download(tmp_path / "esco", **DOWNLOAD))
    return store


def node(store: Store, id: str) -> Node:
    found = store.get(id, OPERATOR)
    assert found is not None
    return found


def edges(store: Store, start: str, type: str) -> dict[str, Edge]:
    return {edge.end: edge for edge in store.expand([start], OPERATOR, [type]) if edge.start == start}


# The tiny download


def test_every_row_is_accounted_for(store: Store, tmp_path: Path) -> None:
    record = esco(store, download(tmp_path / "esco", **DOWNLOAD))
    assert counts(record) == {"read": 27, "written": 22, "skipped": 4, "waiting": 1}
    assert record.skips == {"also-essential": 1, "self-relation": 1, "whole-vocabulary": 1, "technical-scheme": 1}


def test_a_relation_to_what_was_not_downloaded_waits_until_it_comes(store: Store, tmp_path: Path) -> None:
    folder = download(tmp_path / "esco", **DOWNLOAD)
    esco(store, folder)
    [waiting] = store.ledger.held_rows(kind="waiting")
    assert (waiting.file, waiting.row, waiting.refers_to) == (
        "occupationSkillRelations_en.csv",
        4,
        "esco-skill:not-downloaded",
    )
    download(folder, skills_en=SKILLS + f"KnowledgeSkillCompetence,{SKILL}not-downloaded,,,later,,,released,,,,,\n")
    assert counts(esco(store, folder)) == {"read": 28, "written": 2, "unchanged": 22, "skipped": 4}


def test_the_same_download_again_changes_nothing(loaded: Store, tmp_path: Path) -> None:
    number = loaded.number()
    assert counts(esco(loaded, tmp_path / "esco")) == {"read": 27, "unchanged": 22, "skipped": 4, "waiting": 1}
    assert loaded.number() == number


def test_a_skill_is_known_by_its_uri_with_labels_line_by_line(loaded: Store) -> None:
    assert node(loaded, "esco-skill:haskell").properties == {
        "label": "Haskell",
        "alt_labels": ("GHC", "Haskell techniques"),
        "description": "A language.",
        "type": "knowledge",
        "status": "released",
    }
    assert node(loaded, "esco-skill:program").properties["type"] == "skill"
    assert node(loaded, "esco-skill:punch").properties["status"] == "retired"
    assert node(loaded, "isced-f:0613").properties["type"] == "group"


def test_both_hierarchies_are_broader_and_several_parents_are_normal(loaded: Store) -> None:
    assert set(edges(loaded, "esco-skill:haskell", "BROADER")) == {"isced-f:0613", "esco-skill:program"}
    assert set(edges(loaded, "esco-occupation:game", "BROADER")) == {"esco-occupation:developer"}
    assert set(edges(loaded, "isco:C2512", "BROADER")) == {"isco:C251"}


def test_an_occupation_is_in_the_family_of_its_isco_group(loaded: Store) -> None:
    assert set(edges(loaded, "esco-occupation:game", "IN_FAMILY")) == {"isco:C2512"}
    assert node(loaded, "isco:C2512").properties["type"] == "group"


def test_a_pair_that_is_both_is_essential(loaded: Store) -> None:
    required = edges(loaded, "esco-occupation:developer", "REQUIRES")
    assert {end: edge.properties for end, edge in required.items()} == {
        "esco-skill:haskell": {"kind": "essential", "weight": 3, "level": 2_000_000},
        "esco-skill:program": {"kind": "preferred", "weight": 1, "level": 1_000_000},
    }


def test_a_skill_depends_on_others_but_not_on_itself(loaded: Store) -> None:
    found = edges(loaded, "esco-skill:program", "DEPENDS_ON")
    assert {end: edge.properties for end, edge in found.items()} == {"esco-skill:haskell": {"kind": "essential"}}


def test_members_are_related_to_collections_and_never_below_them(loaded: Store) -> None:
    """From the collection's own file, and from inScheme, however its items are separated."""
    assert node(loaded, "esco-scheme:green").properties["type"] == "collection"
    members = {edge.start for edge in loaded.expand(["esco-scheme:green"], OPERATOR, ["RELATED"], incoming=True)}
    assert members == {"esco-skill:haskell", "esco-skill:program"}
    assert set(edges(loaded, "esco-skill:S5", "RELATED")) == {"esco-scheme:skill-transversal-groups"}
    assert loaded.expand(["esco-scheme:green"], OPERATOR, ["BROADER"], incoming=True) == []


def test_collections_of_occupations_are_groups_of_roles(loaded: Store) -> None:
    assert node(loaded, "esco-scheme:research-roles").type == "Role"
    assert set(edges(loaded, "esco-occupation:developer", "IN_FAMILY")) == {"isco:C2512", "esco-scheme:research-roles"}


def test_a_rejected_relation_is_mended_and_replayed(store: Store, tmp_path: Path) -> None:
    folder = download(tmp_path / "esco", **DOWNLOAD)
    download(
        folder, occupationSkillRelations_en=REQUIRES.replace("optional,skill/competence", "perhaps,skill/competence")
    )
    download(folder, conceptSchemes_en=SCHEMES.replace("Green,,released", "Green,,unheard-of"))
    assert esco(store, folder, max_rejects=1.0).rejected == 2
    out = io.StringIO()
    write_csv(store.ledger.held_rows(kind="rejected"), out)
    (tmp_path / "mended.csv").write_text(
        out.getvalue().replace("perhaps", "optional").replace("unheard-of", "released")
    )

    assert counts(esco(store, folder, replay=tmp_path / "mended.csv")) == {"read": 2, "written": 2}

    assert set(edges(store, "esco-occupation:developer", "REQUIRES")) == {"esco-skill:haskell", "esco-skill:program"}
    assert node(store, "esco-scheme:green").properties["type"] == "collection"


# Languages

GERMAN = f"""
{HEAD},definition,inScheme,description
KnowledgeSkillCompetence,{SKILL}program,skill/competence,,programmieren,"coden
Software schreiben",,released,,,,,Programme schreiben.
KnowledgeSkillCompetence,{SKILL}neu,skill/competence,,nur auf Deutsch,,,released,,,,,
"""


@pytest.mark.parametrize(
    ("language", "labels"),
    [
        ("en", {"label": "program", "label@de": "programmieren"}),
        ("de", {"label": "programmieren", "label@en": "program"}),
        ("fr", {"label@en": "program", "label@de": "programmieren"}),
    ],
)
def test_several_languages_are_one_concept(store: Store, tmp_path: Path, language: str, labels: dict[str, str]) -> None:
    folder = download(tmp_path / "esco", skills_en=SKILLS, skills_de=GERMAN)
    record = esco(store, folder, language)
    assert counts(record) == {"read": 4, "written": 4}
    found = node(store, "esco-skill:program").properties
    assert {name: text for name, text in found.items() if name.startswith("label")} == labels
    assert ("Software schreiben", "coden") in found.values()


@pytest.mark.parametrize("order", [("en", "de"), ("de", "en"), ("en", "de", "en"), ("both",), ("both", "de")])
def test_languages_one_after_the_other_or_together_end_in_one_graph(
    store: Store, tmp_path: Path, order: Sequence[str]
) -> None:
    """A file that is not there states nothing, of its language either."""
    here = SKILLS + f"KnowledgeSkillCompetence,{SKILL}neu,skill/competence,,new,,,released,,,,,\n"
    there = f"{GERMAN}KnowledgeSkillCompetence,{SKILL}haskell,knowledge,,Haskell,,,released,,,,,\n"
    there += f"KnowledgeSkillCompetence,{SKILL}punch,skill/competence,,Lochkarten,,,obsolete,,,,,\n"
    folders = {
        "en": download(tmp_path / "en", skills_en=here),
        "de": download(tmp_path / "de", skills_de=there),
        "both": download(tmp_path / "both", skills_en=here, skills_de=there),
    }
    for name in order:
        esco(store, folders[name])
    esco(together := open_store(f"sqlite:{tmp_path / 'together.db'}"), folders["both"])
    assert digest(store) == digest(together)
    together.close()


def test_a_text_that_a_language_no_longer_has_goes(store: Store, tmp_path: Path) -> None:
    esco(store, download(tmp_path / "both", skills_en=SKILLS, skills_de=GERMAN))
    esco(store, download(tmp_path / "de", skills_de=GERMAN.replace("Programme schreiben.", "")))
    found = node(store, "esco-skill:program").properties
    assert (found["label"], found["label@de"], found.get("description@de")) == ("program", "programmieren", None)


def test_a_concept_of_one_language_only_is_a_row_of_its_own(store: Store, tmp_path: Path) -> None:
    esco(store, download(tmp_path / "esco", skills_en=SKILLS, skills_de=GERMAN))
    assert node(store, "esco-skill:neu").properties["label@de"] == "nur auf Deutsch"


def test_a_download_in_another_language_than_the_deployments_has_labels_in_it(store: Store, tmp_path: Path) -> None:
    esco(store, download(tmp_path / "esco", skills_de=GERMAN))
    assert node(store, "esco-skill:program").properties["label@de"] == "programmieren"


def test_relations_are_read_in_one_language(store: Store, tmp_path: Path) -> None:
    folder = download(tmp_path / "esco", **DOWNLOAD, occupationSkillRelations_de=REQUIRES)
    assert esco(store, folder).read == 27


def test_a_bad_row_of_a_second_language_is_told_with_its_file(store: Store, tmp_path: Path) -> None:
    folder = download(tmp_path / "esco", skills_en=SKILLS, skills_de=GERMAN)
    with (folder / "skills_de.csv").open("ab") as file:
        file.write(b"KnowledgeSkillCompetence,short\n")
    assert counts(esco(store, folder, max_rejects=1.0))["rejected"] == 1
    [rejected] = store.ledger.held_rows(kind="rejected")
    assert (rejected.file, rejected.row) == ("skills_de.csv", 3)


# Files


def test_every_file_is_listed_as_read_or_not(store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = download(tmp_path / "esco", skills_en=SKILLS, skillsHierarchy_en="whatever\n", dictionary_en="whatever\n")
    (folder / "readme.txt").write_text("about")
    with caplog.at_level(logging.INFO):
        esco(store, folder)
    assert {"skills_en.csv is read", "readme.txt is not read: it is no CSV file"} <= set(caplog.messages)
    assert (
        "skillsHierarchy_en.csv is not read: it repeats broaderRelationsSkillPillar and skillGroups" in caplog.messages
    )


@pytest.mark.parametrize("name", ["skils_en", "skills", "skill_en"])
def test_a_misspelt_file_is_refused_with_the_nearest(store: Store, tmp_path: Path, name: str) -> None:
    folder = download(tmp_path / "esco", **{name: SKILLS})
    if name == "skills":  # no language: that of the deployment
        assert esco(store, folder).written == 3
        return
    with pytest.raises(LoadError, match=r"whose names are like skills_en\.csv; did you mean 'skills'"):
        esco(store, folder)


def test_a_folder_of_something_else_is_refused(store: Store, tmp_path: Path) -> None:
    (tmp_path / "esco").mkdir()
    with pytest.raises(LoadError, match="no file of an ESCO download is there"):
        esco(store, tmp_path / "esco")


def test_a_misspelt_column_is_refused_with_the_nearest(store: Store, tmp_path: Path) -> None:
    for right, wrong in (("skillUri", "skilUri"), ("relationType", "relationtype")):
        folder = download(tmp_path / "esco", occupationSkillRelations_en=REQUIRES.replace(right, wrong))
        with pytest.raises(LoadError, match=f"column '{wrong}' is not known; did you mean '{right}'"):
            esco(store, folder)


def test_an_absent_file_states_nothing(loaded: Store, tmp_path: Path) -> None:
    folder = tmp_path / "esco"
    for name in ("occupationSkillRelations_en", "greenSkillsCollection_en"):
        (folder / f"{name}.csv").unlink()
    assert counts(esco(loaded, folder)).get("removed", 0) == 0
    assert len(edges(loaded, "esco-occupation:developer", "REQUIRES")) == 2


def test_no_file_is_both_read_and_not(loader: Loader) -> None:
    assert not set(READ) & set(NOT_READ)


# The full download


@pytest.fixture(scope="module")
def full(esco_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, LoadRecord]]:
    opened = open_store(f"sqlite:{tmp_path_factory.mktemp('esco') / 'esco.db'}")
    yield opened, esco(opened, esco_folder)
    opened.close()


def test_full_esco_is_accounted_for_to_the_row(full: tuple[Store, LoadRecord]) -> None:
    _, record = full
    assert counts(record) == {"read": 179_906, "written": 179_876, "skipped": 30}
    assert record.skips == {"also-essential": 17, "self-relation": 1, "whole-vocabulary": 7, "technical-scheme": 5}


def test_full_esco_is_in_the_store(full: tuple[Store, LoadRecord]) -> None:
    store, _ = full
    sizes = {type: sum(len(batch) for batch in store.owned("esco", type)) for type in store.model.edges}
    assert {type: size for type, size in sizes.items() if size} == {
        "BROADER": 20_822 + 3_652,
        "REQUIRES": 129_004 - 17,
        "DEPENDS_ON": 5_818 - 1,
        "IN_FAMILY": 3_039 + 122,
        "RELATED": 1_284 + 25 + 591 + 359 + 95 + 30,
    }
    skills = sum(len(batch) for batch in store.owned("esco", "Skill"))
    roles = sum(len(batch) for batch in store.owned("esco", "Role"))
    assert (skills, roles) == (13_939 + 640 + 6, 3_039 + 619 + 1)


def test_the_essential_skills_of_an_occupation(full: tuple[Store, LoadRecord]) -> None:
    """Technical director: what ESCO lists as essential, and no more."""
    store, _ = full
    required = edges(store, "esco-occupation:00030d09-2b3a-4efd-87cc-c4ea39d27c34", "REQUIRES")
    essential = {end for end, edge in required.items() if edge.properties["kind"] == "essential"}
    labels = {str(each.properties["label"]) for each in store.many(sorted(essential), OPERATOR).values()}
    assert labels == {
        "adapt designers’ work to the performance venue",
        "adapt to artists' creative demands",
        "coordinate technical teams in artistic productions",
        "coordinate with creative departments",
        "negotiate health and safety issues with third parties",
        "organise rehearsals",
        "promote health and safety",
        "theatre techniques",
        "write risk assessment on performing arts production",
    }


def test_the_ancestors_of_a_skill(full: tuple[Store, LoadRecord]) -> None:
    """Haskell; that it is in the collection of digital skills is none of them."""
    store, _ = full
    found: set[str] = set()
    new = {"esco-skill:000f1d3d-220f-4789-9c0a-cc742521fb02"}
    while new:
        new = {edge.end for edge in store.expand(sorted(new), OPERATOR, ["BROADER"]) if edge.start in new} - found
        found |= new
    labels = {str(each.properties["label"]) for each in store.many(sorted(found), OPERATOR).values()}
    assert labels == {
        "computer programming",
        "digital content creation",
        "information and communication technologies (icts)",
        "knowledge",
        "skills",
        "software and applications development and analysis",
        "using digital tools for collaboration and productivity",
        "using digital tools for collaboration, content creation and problem solving",
        "working with computers",
    }


def test_an_alternative_label_is_found_with_a_typo(full: tuple[Store, LoadRecord]) -> None:
    store, _ = full
    hits = store.search("technical and operatons director", OPERATOR, types=["Role"], limit=5)
    assert "esco-occupation:00030d09-2b3a-4efd-87cc-c4ea39d27c34" in [hit.id for hit in hits]
