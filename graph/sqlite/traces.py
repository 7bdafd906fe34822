"""Looks for texts in the bytes of files, in a process of its own.

SQLite's `secure_delete` overwrites what is deleted, but not every place where a page once kept a copy of it. So after
an erasure the file itself is searched. Not by this process: closing any handle on the file would drop the locks that
SQLite holds on it here. Run as a script, with only the standard library.
"""

from __future__ import annotations

import json
import mmap
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path


def texts_in(files: Sequence[Path], texts: Sequence[str]) -> list[str]:
    """Which of the texts stand in one of the files, as they are, in small letters, or as JSON writes them."""
    asked = json.dumps({"files": [str(file) for file in files], "texts": list(texts)})
    run = subprocess.run([sys.executable, "-I", __file__], input=asked, capture_output=True, text=True, check=True)
    found: list[str] = json.loads(run.stdout)
    return found


def _search(files: Sequence[str], texts: Sequence[str]) -> list[str]:
    left = {text: _forms(text) for text in texts}
    found: list[str] = []
    for name in files:
        path = Path(name)
        if not path.exists() or not path.stat().st_size:
            continue
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            found += [text for text, forms in left.items() if any(content.find(form) >= 0 for form in forms)]
    return list(dict.fromkeys(found))


def _forms(text: str) -> set[bytes]:
    written = {text, text.casefold(), json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1]}
    return {form.encode(errors="surrogatepass") for form in written}


if __name__ == "__main__":
    question = json.load(sys.stdin)
    json.dump(_search(question["files"], question["texts"]), sys.stdout)
