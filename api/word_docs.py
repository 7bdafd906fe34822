"""What the OpenAPI says of words."""

from __future__ import annotations

from typing import Any, Final

from api.operations import Operation, content, parameter
from api.reading import JSON

MAX_ROWS: Final = 100
MAX_SKIP: Final = 1_000_000
VERDICTS: Final = ("accepted", "rejected", "no_skill")
_TEXT: Final[dict[str, Any]] = {"type": "string"}
_COUNT: Final[dict[str, Any]] = {"type": "integer", "minimum": 0}


def _object(properties: dict[str, Any], description: str) -> dict[str, Any]:
    """An object that always has these and nothing else."""
    made = {"type": "object", "description": description, "required": list(properties), "properties": properties}
    return made | {"additionalProperties": False}


COMPONENTS: Final[dict[str, Any]] = {
    "Word": _object(
        {
            "word": {**_TEXT, "description": "Its id."},
            "source": _TEXT,
            "said": {**_TEXT, "description": "The word as its source wrote it."},
            "spoken_of": {
                "type": "object",
                "additionalProperties": _COUNT,
                "description": "How many rows of each type name it.",
            },
            "meanings": {
                "type": "array",
                "items": _object(
                    {
                        "skill": _TEXT,
                        "label": _TEXT,
                        "by": {**_TEXT, "description": "`rule`, `person`, or the source that states it itself."},
                    },
                    "A skill that it is matched to.",
                ),
            },
            "verdict": {"enum": ["", *VERDICTS], "description": "What a person decided; empty: nothing."},
            "suggestions": {
                "type": "array",
                "items": _object(
                    {
                        "skill": _TEXT,
                        "label": _TEXT,
                        "matched": {**_TEXT, "description": "The label that looks like the word."},
                        "score": {"type": "number", "minimum": 0, "maximum": 1},
                    },
                    "A skill that it may mean, the likeliest first.",
                ),
            },
        },
        "A free skill name of a source.",
    ),
    "WordsAnswer": _object(
        {
            "total": _COUNT,
            "words": {"type": "array", "maxItems": MAX_ROWS, "items": {"$ref": "#/components/schemas/Word"}},
        },
        "A page of words, those spoken of most first.",
    ),
    "WordDecided": {
        "anyOf": [
            _object(
                {
                    "verdict": {"enum": ["accepted", "rejected"]},
                    "skill": {**_TEXT, "description": "The skill that the word means, or does not mean."},
                },
                "About one skill.",
            ),
            _object({"verdict": {"const": "no_skill"}}, "The word means nothing that a vocabulary has."),
        ]
    },
}

_ID: Final = parameter("id", "The word's id.", {**_TEXT, "minLength": 1, "maxLength": 2000}, where="path")
_WORD: Final = content({"$ref": "#/components/schemas/Word"}, JSON, description="What the word means now.")

LIST: Final = Operation(
    id="words",
    tag="intake",
    summary="Free skill names, and what each means.",
    description="Words are matched to labels of vocabularies by themselves, exactly; what has no match comes with "
    "suggestions. A key with a source name sees the words of that source.",
    scope="load",
    parameters=[
        parameter("open", "Only words that nothing is known of.", {"enum": ["true", "false"], "default": "false"}),
        parameter("source", "Only words of this source.", {**_TEXT, "maxLength": 200}),
        parameter("limit", "Most rows.", {"type": "integer", "minimum": 1, "maximum": MAX_ROWS, "default": 20}),
        parameter("skip", "Rows to leave out first.", {**_COUNT, "maximum": MAX_SKIP, "default": 0}),
    ],
    answers={200: content({"$ref": "#/components/schemas/WordsAnswer"}, JSON, description="A page of words.")},
)
DECIDE: Final = Operation(
    id="decide-word",
    tag="intake",
    summary="Say what a word means.",
    description="`accepted`: it means the skill, whatever is matched or loaded; `rejected`: it does not, and a match "
    "with it is undone; `no_skill`: it means nothing that a vocabulary has. It takes the place of an earlier decision. "
    "While another process matches words the answer is 503, and nothing was decided: ask again.",
    scope="load",
    parameters=[_ID],
    body={"required": True, "content": {JSON: {"schema": {"$ref": "#/components/schemas/WordDecided"}}}},
    answers={200: _WORD},
    problems=("not-found",),
)
FORGET: Final = Operation(
    id="forget-word",
    tag="intake",
    summary="Take back what was decided of a word, and everything that it caused.",
    scope="load",
    parameters=[_ID],
    answers={200: _WORD, 204: {"description": "The word is gone too: nothing spoke of it any longer."}},
    problems=("not-found",),
)
