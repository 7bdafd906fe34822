"""What a record is hashed as for the digest."""

from __future__ import annotations

import pytest

from graph.digest import canonical_json
from ontology.model import Model
from ontology.values import OPEN


def test_canonical_json_writes_values_as_the_boundary_does(model: Model) -> None:
    row = canonical_json(
        model.type("REQUIRES"),
        {"from": "role:a", "to": "skill:ü"},
        {
            "level": 2_000_000,
            "weight": 3,
            "since": 0,
            "until": OPEN,
            "rationale@de": 'so "ist" es',
            "kind": None,
        },
    )
    assert row.decode() == (
        '{"type":"REQUIRES","from":"role:a","to":"skill:ü","properties":{"level":2,"rationale@de":"so \\"ist\\" es",'
        '"since":"1970-01-01T00:00:00Z","weight":3}}'
    )


def test_a_million_times_a_millionth_is_exact(model: Model) -> None:
    kind = model.type("Evidence")
    texts = {
        canonical_json(kind, {"id": "evidence:1"}, {"score": score}).decode() for score in (1, 10, 999_999, 1_000_000)
    }
    assert {text.split('"score":')[1].rstrip("}") for text in texts} == {
        "0.000001",
        "0.00001",
        "0.999999",
        "1",
    }


@pytest.mark.parametrize("type_name", ["Skill", "Evidence", "BROADER"])
def test_records_without_properties_have_one_too(model: Model, type_name: str) -> None:
    ends = {"id": "a:b"} if type_name in model.nodes else {"from": "a:b", "to": "a:c"}
    assert canonical_json(model.type(type_name), ends, {}).endswith(b'"properties":{}}')
