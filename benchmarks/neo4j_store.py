"""Files for a bulk import: a store in Neo4j with millions of pieces of evidence, and what they support."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graph.contents import Form, Head
from graph.exports.neo4j_import.command import options
from graph.exports.neo4j_import.files import FROM, NODE_KEY, TO, ImportFile, columns_of
from graph.exports.neo4j_import.folder import Folder
from graph.kinds import EdgeKind, Kinds, NodeKind, numbered
from graph.neo4j import shape
from ontology.model import load_model
from ontology.values import MILLION, OPEN

SKILLS, COURSES, TAUGHT = 2_000, 500, 3
SOURCE = "bench"
_KINDS = np.array(["assessment", "manager_rating", "work_sample", "self_rating"])
_BLOCK = 250_000
_DAY, _FIRST, _DAYS = 86_400, 1_640_995_200, 1_600

Ints = NDArray[np.int64]


class Making:
    """Every second piece of evidence is a completion of a course that teaches three skills; the others state one."""

    def __init__(self, evidence: int, people: int, seed: int = 7) -> None:
        sizes = np.cumsum([1, SKILLS, COURSES, people, evidence])
        self.skills, self.courses, self.people, self.evidence = map(np.arange, sizes[:-1], sizes[1:])
        self.last = int(sizes[-1])
        self._numbers = np.random.default_rng(seed)
        self.taught = np.stack([self._numbers.permutation(self.skills)[:TAUGHT] for _ in range(COURSES)])
        self.levels = np.tile((1 + np.arange(TAUGHT)) * MILLION, (COURSES, 1))
        self._layout = Kinds(load_model(), numbered(load_model()), NodeKind, EdgeKind)

    def write(self, folder: Folder) -> None:
        """Every file."""
        self._nodes(folder, "Skill", self.skills)
        self._nodes(folder, "LearningObject", self.courses)
        self._nodes(folder, "Learner", self.people, _person=Form.TEXT)
        starts, ends = np.repeat(self.courses, TAUGHT), self.taught.ravel()
        with folder.relationships("TEACHES", "TEACHES", self._edge_columns("TEACHES", ["level"])) as file:
            file.write({**_edge(starts, ends), "level": self.levels.ravel().tolist(), **_stated_by(len(starts))})
        self._evidence(folder)
        head = Head(number=0, last_key=self.last, created_at=_FIRST, secret_check=None)
        node = shape.store_node(self._layout.model, head, {"last_load": 0, "last_held": 0})
        with folder.nodes("_Store", "_Store", columns_of(shape.STORE)) as file:
            file.write({name: [value] for name, value in node.items()})

    def _nodes(self, folder: Folder, name: str, keys: Ints, **further: Form) -> None:
        kind = self._layout.node_kind(name)
        columns = [NODE_KEY, *columns_of({**shape.node_forms(kind, ["label"]), **further})]
        with folder.nodes(f"{shape.RESOURCE}:{name}", name, columns) as file:
            for some in _blocks(keys):
                ids = [f"bench-{name.lower()}:{key}" for key in some.tolist()]
                file.write({**_node(some, ids), "label": ids, "_person": ids})

    def _edge_columns(self, name: str, stated: Sequence[str]) -> Any:
        kind = self._layout.edges[name]
        return [FROM, TO, *columns_of(shape.edge_forms(kind, list(stated)))]

    def _evidence(self, folder: Folder) -> None:
        kind = self._layout.node_kind("Evidence")
        forms = {**shape.node_forms(kind, ["kind", "shown_at", "verification", "level"]), "_until": Form.NUMBER}
        supports = columns_of({"level": Form.NUMBER, "since": Form.NUMBER, "until": Form.NUMBER})
        with ExitStack() as open_files:
            nodes = open_files.enter_context(
                folder.nodes(f"{shape.RESOURCE}:Evidence", "Evidence", [NODE_KEY, *columns_of(forms)])
            )
            related = {
                name: open_files.enter_context(folder.relationships(name, f"Evidence.{name}", [FROM, TO, *columns]))
                for name, columns in (("learner", []), ("about", []), ("skill", []), ("SUPPORTS", supports))
            }
            for keys in _blocks(self.evidence):
                self._write_block(nodes, related, keys)

    def _write_block(self, nodes: ImportFile, related: Mapping[str, ImportFile], keys: Ints) -> None:
        size, done = len(keys), keys % 2 == 0
        shown = _FIRST + self._numbers.integers(0, _DAYS, size) * _DAY
        skill = self.skills[np.minimum((SKILLS * self._numbers.random(size) ** 3).astype(int), SKILLS - 1)]
        course = self._numbers.integers(0, COURSES, size)
        ids = [f"bench-evidence:{key}" for key in keys.tolist()]
        nodes.write(
            {
                **_node(keys, ids),
                "kind": np.where(done, "completion", _KINDS[keys // 2 % 4]).tolist(),
                "shown_at": shown.tolist(),
                "verification": [None if even else "unverified" for even in (keys % 4 != 1).tolist()],
                "level": [None if even else 2 * MILLION for even in done.tolist()],
                "_until": [OPEN if even else None for even in done.tolist()],
            }
        )
        related["learner"].write(_edge(keys, self._numbers.choice(self.people, size)))
        related["about"].write(_edge(keys[done], self.courses[course[done]]))
        related["skill"].write(_edge(keys[~done], skill[~done]))
        starts = np.concatenate([keys[~done], np.repeat(keys[done], TAUGHT)])
        ends = np.concatenate([skill[~done], self.taught[course[done]].ravel()])
        levels = np.concatenate([np.full(int((~done).sum()), 2 * MILLION), self.levels[course[done]].ravel()])
        since = np.concatenate([shown[~done], np.repeat(shown[done], TAUGHT)])
        related["SUPPORTS"].write({**_edge(starts, ends), "level": levels.tolist(), "since": since.tolist()})


def _blocks(keys: Ints) -> Iterator[Ints]:
    return (keys[start : start + _BLOCK] for start in range(0, len(keys), _BLOCK))


def _node(keys: Ints, ids: list[str]) -> dict[str, Any]:
    ones = [1] * len(ids)
    return {
        "_key": keys.tolist(),
        "id": ids,
        "_source": [SOURCE] * len(ids),
        "_version": ones,
        "_hash": ones,
        "_change": ones,
    }


def _edge(starts: Ints, ends: Ints) -> dict[str, Any]:
    return {"_from": starts.tolist(), "_to": ends.tolist()}


def _stated_by(rows: int) -> dict[str, Any]:
    ones = [1] * rows
    return {"_source": [SOURCE] * rows, "_version": ones, "_hash": ones, "_change": ones}


def write_files(path: Path, evidence: int, people: int) -> list[str]:
    """Write all files into a folder; returns the options of `neo4j-admin database import full`."""
    path.mkdir(parents=True, exist_ok=True)
    folder = Folder(path)
    Making(evidence, people).write(folder)
    files = [f"--{part.option}={part.kind}={part.file.path}" for part in folder.parts]
    return [*(option for option in options(folder.parts) if not option.endswith(".csv")), *files]
