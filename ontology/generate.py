"""What is generated from the ontology: `python -m ontology.generate` writes it, `--check` fails when it is stale."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from ontology.context import context
from ontology.glossary import glossary_page
from ontology.model import load_model
from ontology.reader import FOLDER
from ontology.reference import reference_page

GLOSSARY = FOLDER / "glossary.md"


def generated() -> Mapping[Path, str]:
    """Every generated file with the text it should have."""
    model = load_model()
    return {
        FOLDER / "context.jsonld": json.dumps(context(model), indent=2, ensure_ascii=False) + "\n",
        FOLDER.parent / "docs" / "model.md": reference_page(model),
        GLOSSARY: glossary_page(model, GLOSSARY.read_text(encoding="utf-8") if GLOSSARY.exists() else ""),
    }


def stale() -> list[Path]:
    """Generated files whose text is not what the ontology says."""
    return [path for path, text in generated().items() if not path.exists() or path.read_text(encoding="utf-8") != text]


def main(arguments: Sequence[str]) -> int:
    found = stale()
    if "--check" in arguments:
        for path in found:
            print(f"{path.name} is stale: run python -m ontology.generate", file=sys.stderr)
        return 1 if found else 0
    for path in found:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(generated()[path], encoding="utf-8")
        print(f"wrote {path.name}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
