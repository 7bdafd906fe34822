"""Multipart uploads: fields read strictly, files streamed to a job's folder."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fastapi import Request
from starlette.datastructures import FormData, UploadFile

from api.archives import checked_members, is_archive, safe_name
from api.guard import too_large
from api.problems import Problem, fault, invalid
from api.reading import media_type
from api.service import Limits
from ontology.values import parse_decimal, parse_instant

MULTIPART: Final = "multipart/form-data"
NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_FIELDS: Final = ("source", "name", "partial", "snapshot_at", "max_rejects", "allow_shrink")
_FILES: Final = ("files", "map")
MAX_MAP: Final = 1 << 20  # bytes of a mapping file: it is read whole
_MILLION: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Options:
    """What an upload says of itself."""

    source: str
    name: str | None
    partial: bool
    snapshot_at: int | None
    max_rejects: float
    allow_shrink: bool


@dataclass(frozen=True, slots=True)
class Upload:
    """A parsed form: its options and its files, still where the server put them."""

    options: Options
    files: Sequence[UploadFile]
    map: UploadFile | None


async def form_of(request: Request, limits: Limits) -> FormData:
    """The form of a multipart request; close it when done. File parts are kept on disk, not in memory."""
    media_type(request, (MULTIPART,))
    encoding = request.headers.get("content-encoding", "identity")
    if encoding.strip().lower() != "identity":
        detail = "an upload is taken as it is"
        raise Problem("unsupported-media-type", detail, [fault("Content-Encoding", encoding, "send a zip instead")])
    return await request.form(max_files=limits.members, max_fields=len(_FIELDS), max_part_size=4096)


def upload_of(form: FormData) -> Upload:
    """The parts of a form; raises 422 that names the part that is wrong."""
    texts: dict[str, str] = {}
    files: dict[str, list[UploadFile]] = {"files": [], "map": []}
    for name, value in form.multi_items():
        if isinstance(value, str):
            if name not in _FIELDS:
                raise invalid(name, value, f"known fields are {', '.join(_FIELDS)}; files come as {', '.join(_FILES)}")
            if name in texts:
                raise invalid(name, value, "give it once")
            texts[name] = value
        elif name in files:
            files[name].append(value)
        else:
            raise invalid(name, value.filename or "", f"send files as {' or '.join(_FILES)}")
    if not files["files"]:
        raise invalid("files", "", "send at least one file")
    if len(files["map"]) > 1:
        raise invalid("map", len(files["map"]), "send one mapping file")
    return Upload(_options(texts), files["files"], files["map"][0] if files["map"] else None)


def _options(texts: dict[str, str]) -> Options:
    if not texts.get("source"):
        raise invalid("source", texts.get("source", ""), "name the source, as `skillgraph sources` lists them")
    name = texts.get("name")
    if name is not None and not NAME.fullmatch(name):
        raise invalid("name", name, "write 1 to 64 of a-z 0-9 . _ - with a letter or digit first")
    return Options(
        source=texts["source"],
        name=name,
        partial=_flag(texts, "partial"),
        snapshot_at=_instant(texts),
        max_rejects=_share(texts),
        allow_shrink=_flag(texts, "allow_shrink"),
    )


def _flag(texts: dict[str, str], name: str) -> bool:
    text = texts.get(name, "false")
    if text not in ("true", "false"):
        raise invalid(name, text, "write true or false")
    return text == "true"


def _instant(texts: dict[str, str]) -> int | None:
    text = texts.get("snapshot_at")
    if text is None:
        return None
    try:
        return parse_instant(text)[0]
    except ValueError as error:
        raise invalid("snapshot_at", text, str(error)) from None


def _share(texts: dict[str, str]) -> float:
    text = texts.get("max_rejects", "10%")
    number = text.removesuffix("%")
    try:
        millionths = parse_decimal(number)
    except ValueError:
        raise invalid("max_rejects", text, "write a share like 10% or 0.1") from None
    share = millionths / _MILLION / (100 if text.endswith("%") else 1)
    if not 0 <= share <= 1:
        raise invalid("max_rejects", text, "write a share from 0% to 100%")
    return share


def store_files(upload: Upload, folder: Path, limits: Limits) -> None:
    """Copy the files to a folder, archives and the mapping beside them; refuses names and archives that may do harm."""
    data, packed = folder / "data", folder / "packed"
    for place in (data, packed):
        place.mkdir()
    names: set[str] = set()
    for each in upload.files:
        name = safe_name(each.filename or "")
        if name.casefold() in names:
            raise invalid("files", name, "send each file once")
        names.add(name.casefold())
        _copy(each, data / name)
        if not is_archive(data / name):
            continue
        checked_members(data / name, limits, name)  # a workbook is an archive too, and may be a bomb
        if name.lower().endswith(".zip"):
            (data / name).rename(packed / name)
    if upload.map is not None:
        if (upload.map.size or 0) > MAX_MAP:
            raise too_large("map", upload.map.size or 0, MAX_MAP)
        _copy(upload.map, folder / "map.toml")


def _copy(part: UploadFile, target: Path) -> None:
    with target.open("xb") as out:
        shutil.copyfileobj(part.file, out, 1 << 20)
