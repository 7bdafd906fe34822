"""Native tables: a file a type, in any format, and nothing else in the folder."""

from __future__ import annotations

import shutil
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from graph.digest import digest
from graph.open import open_store
from graph.settings import Settings
from graph.viewer import OPERATOR
from loaders.errors import LoadError
from loaders.load import LoadRequest, load
from loaders.source import Config, loadable
from loaders.sources.tables import SOURCE, files
from ontology.lists import join_list, split_list
from ontology.model import Model
from tests.conftest import COMPANY
from tests.loads.tables import SKILLS, Loader, counts, write


def refused(loader: Loader, **tables: str) -> str:
    with pytest.raises(LoadError) as found:
        loader(**tables)
    assert loader.store.number() == 0 or not loader.there("skill:linux")[0]
    return str(found.value)


@pytest.mark.parametrize("suffix", [".tsv", ".parquet", ".jsonl", ".xlsx"])
def test_every_format_gives_the_same_facts(loader: Loader, other_loader: Loader, tmp_path: Path, suffix: str) -> None:
    other = tmp_path / "other"
    other.mkdir()
    for table in COMPANY.glob("*.csv"):
        frame = pl.read_csv(table, infer_schema=False)
        target = other / (table.stem + suffix)
        match suffix:
            case ".tsv":
                frame.write_csv(target, separator="\t")
            case ".parquet":
                frame.write_parquet(target)
            case ".jsonl":
                frame.write_ndjson(target)
            case ".xlsx":
                book = openpyxl.Workbook()
                for row in [frame.columns, *frame.rows()]:
                    book.worksheets[0].append(list(row))
                book.save(target)
    assert counts(loader.folder(other)) == counts(other_loader.folder(COMPANY))
    assert digest(loader.store) == digest(other_loader.store)


def test_single_files_can_be_given(loader: Loader, tmp_path: Path) -> None:
    folder = write(tmp_path / "tables", Skill=SKILLS)
    assert counts(loader.folder(folder / "Skill.csv")) == {"read": 3, "written": 3}


def test_notes_may_lie_beside_tables(loader: Loader, tmp_path: Path) -> None:
    folder = write(tmp_path / "tables", Skill=SKILLS)
    for name in ("README.md", "LICENSE", "notes.txt", ".hidden.csv"):
        (folder / name).write_text("not a table")
    assert counts(loader.folder(folder)) == {"read": 3, "written": 3}


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("Skils.csv", "Skils.csv: no type is named 'Skils'; did you mean 'Skill'?"),
        ("skill.csv", "did you mean 'Skill'?"),
        ("Source.csv", "Source is kept by Skillgraph itself"),
        ("SUPPORTS.csv", "SUPPORTS is kept by Skillgraph itself"),
        ("Role.cvs", "Role.cvs: is no table; did you mean '.csv'?: only tables"),
        ("Role.txt", "Role.txt: is no table"),
        ("data.db", "data.db: is no table"),
    ],
)
def test_a_file_that_is_no_table_is_refused_with_the_nearest(
    loader: Loader, tmp_path: Path, name: str, message: str
) -> None:
    folder = write(tmp_path / "tables", Skill=SKILLS)
    (folder / name).write_text("id,label\n")
    with pytest.raises(LoadError) as found:
        loader.folder(folder)
    assert message in str(found.value)
    assert loader.there("skill:linux") == [False]


def test_a_folder_in_the_folder_and_an_empty_one_are_refused(loader: Loader, tmp_path: Path) -> None:
    folder = write(tmp_path / "tables", Skill=SKILLS)
    (folder / "more").mkdir()
    with pytest.raises(LoadError, match="more: is a folder"):
        loader.folder(folder)
    with pytest.raises(LoadError, match="no table is in the folder"):
        loader.folder(folder / "more")


def test_a_misspelt_column_is_refused_with_the_nearest(loader: Loader) -> None:
    message = refused(loader, Skill="id,label,alt_lables\nskill:linux,Linux,GNU\n")
    assert "Skill.csv: column 'alt_lables' is not known; did you mean 'alt_labels'?" in message


def test_a_missing_key_is_refused(loader: Loader) -> None:
    assert "column 'id' is missing" in refused(loader, Skill="label\nLinux\n")
    assert "column 'to' is missing" in refused(loader, BROADER="from\nskill:linux\n")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "Skill.csv: is empty"),
        ("id,label\nskill:linux,Köln\n".encode("utf-16"), "Skill.csv: is in UTF-16, not in UTF-8: save it as UTF-8"),
        ("id,label\nskill:linux,Köln\n".encode("latin-1"), "Skill.csv: is in Windows-1252, not in UTF-8"),
        (b'id,label\nskill:linux,"Linux\n', "Skill.csv, row 1: a quote opens here and is never closed"),
        (b"id,label\nskill:linux,Linux\nskill:sq", "Skill.csv, row 2: the file ends within this row"),
    ],
)
def test_a_file_that_can_not_be_read_leaves_the_store_as_it_was(
    loader: Loader, tmp_path: Path, content: bytes, message: str
) -> None:
    (tmp_path / "Skill.csv").write_bytes(content)
    before = loader.store.number()
    with pytest.raises(LoadError) as found:
        loader.folder(tmp_path / "Skill.csv")
    assert message in str(found.value)
    assert (loader.store.number(), loader.there("skill:linux")) == (before, [False])


def test_rows_that_can_not_be_read_are_rejected_and_the_rest_is_loaded(loader: Loader, tmp_path: Path) -> None:
    rows = [b"skill:a,A", b"skill:b,\xff", b"skill:c,\0", b"skill:d", b"skill:e," + b"x" * 10_000_000, b"skill:f,F"]
    (tmp_path / "Skill.csv").write_bytes(b"\n".join([b"id,label", *rows, b""]))
    record = loader.folder(tmp_path / "Skill.csv")
    assert counts(record) == {"read": 6, "written": 2, "rejected": 4}
    assert [(row.file, row.row, row.field) for row in loader.held()] == [
        ("Skill.csv", 2, "label"),
        ("Skill.csv", 3, "label"),
        ("Skill.csv", 4, ""),
        ("Skill.csv", 5, "label"),
    ]


def test_labels_in_other_languages_have_columns_of_their_own(loader: Loader) -> None:
    loader(Skill="id,label,label@de,alt_labels@de\nskill:care,care,Pflege,Versorgung|Betreuung\n")
    found = loader.store.get("skill:care", OPERATOR)
    assert found is not None
    assert found.properties["label@de"] == "Pflege"
    assert sorted(found.properties["alt_labels@de"]) == ["Betreuung", "Versorgung"]  # type: ignore[arg-type]


def test_a_language_stands_only_where_there_is_text(loader: Loader) -> None:
    assert "column 'code@de' is not known" in refused(loader, Skill="id,code@de\nskill:linux,X\n")


def test_the_higher_version_of_a_row_stands(loader: Loader) -> None:
    loader(Skill="id,label,version\nskill:a,new,2025-03-01\n")
    loader(options={"partial": True}, Skill="id,label,version\nskill:a,old,2025-02-01\n")
    found = loader.store.get("skill:a", OPERATOR)
    assert found is not None
    assert found.properties["label"] == "new"


def test_a_type_of_the_deployments_own_ontology_is_a_table_like_any(tmp_path: Path) -> None:
    ontology = tmp_path / "ontology"
    ontology.mkdir()
    (ontology / "own.ttl").write_text(OWN)
    opened = open_store(f"sqlite:{tmp_path / 'own.db'}", Settings(ontology=ontology))
    folder = write(tmp_path / "tables", Machine="id,label,power\nmachine:1,Lathe,7.5\n")
    record = load(opened, LoadRequest(source="tables", paths=(folder,)))
    assert counts(record) == {"read": 1, "written": 1}
    opened.close()


OWN = """
@prefix own: <https://example.org/own#> .
@prefix sg: <https://w3id.org/skillgraph#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
own:Machine a owl:Class ; rdfs:subClassOf sg:Node ; rdfs:label "machine"@en ; skos:definition "A machine."@en .
own:power a owl:DatatypeProperty ; rdfs:subPropertyOf sg:datum ; rdfs:range xsd:decimal ;
    rdfs:label "power"@en ; skos:definition "In kilowatts."@en .
own:MachineShape a sh:NodeShape ; sh:targetClass own:Machine ;
    sh:property [ sh:path own:power ; sh:datatype xsd:decimal ; sh:maxCount 1 ] .
"""


def test_every_loadable_type_has_a_mapping_and_a_table(model: Model) -> None:
    config = Config((COMPANY,), model)
    assert {mapping.type for mapping in SOURCE.mappings_for(config)} == set(loadable(model))
    assert set(SOURCE.tables_for(config)) == set(loadable(model))


def test_files_come_in_the_order_of_their_names(model: Model, tmp_path: Path) -> None:
    shutil.copytree(COMPANY, tmp_path / "company")
    names = [shown for _, shown in files(Config((tmp_path / "company",), model))]
    assert names == sorted(path.name for path in COMPANY.glob("*.csv"))


@pytest.mark.parametrize("items", [["a", "b"], ["a|b"], ["\\"], ["a\\|", "|b"], [r"C:\temp"], ["|", "\\\\"]])
def test_lists_are_joined_so_that_they_split_into_the_same(items: list[str]) -> None:
    assert split_list(join_list(items)) == items


def test_a_misspelt_key_late_in_json_lines_is_refused(
    loader: Loader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("loaders.readers.jsonl.CHUNK_ROWS", 2)
    (tmp_path / "Skill.jsonl").write_text('{"id": "skill:a"}\n{"id": "skill:b"}\n{"id": "skill:c", "lable": "C"}\n')
    with pytest.raises(LoadError, match="column 'lable' is not known; did you mean 'label'"):
        loader.folder(tmp_path / "Skill.jsonl")
