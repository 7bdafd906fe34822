"""Archives that came from outside: looked at before a byte is unpacked, and unpacked within bounds.

Refused: members that lead out of the folder, links, encrypted or overlapping members, members that unpack to very
much more than they are, more of them than a download has, and whatever is not sound.
"""

from __future__ import annotations

import re
import stat
import struct
import zlib
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Final
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from api.guard import too_large
from api.problems import Problem, invalid, unreadable
from api.service import Limits

_PART: Final = re.compile(r"[\w(\[][\w .()\[\]@+,=&'~-]{0,126}", re.UNICODE)
_ENTRY_BYTES: Final = 1_024  # of the archive's directory, at most, a member
_SMALL: Final = 1 << 20  # members below this may have any ratio
_PIECE: Final = 1 << 20
_IGNORED: Final = ("__MACOSX", ".DS_Store", "Thumbs.db")
_UNSOUND: Final = (
    BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    struct.error,
    ValueError,
    OSError,
)


def safe_name(name: str, field: str = "file") -> str:
    """The name of a file that lies in a folder of its own; raises 422 for any that could lie elsewhere."""
    if not _PART.fullmatch(name) or name.endswith((".", " ")):
        raise invalid(field, name, "name files with letters, digits, spaces and . _ - ( ) only, without folders")
    return name


def is_archive(path: Path) -> bool:
    """Whether a file begins as a zip does."""
    with path.open("rb") as file:
        return file.read(4) in (b"PK\x03\x04", b"PK\x05\x06")


def checked_members(path: Path, limits: Limits, name: str) -> list[ZipInfo]:
    """The members of an archive that are files, all found harmless."""
    _check_directory(path, limits, name)
    try:
        with ZipFile(path) as archive:
            members = [each for each in archive.infolist() if not _ignored(each)]
    except _UNSOUND:
        raise unreadable(name, "", "send a sound zip archive") from None
    if len(members) > limits.members:
        raise too_many(name, len(members), limits)
    for each in members:
        _check_member(each, limits, name)
    _check_together(members, path.stat().st_size, limits, name)
    return members


def unpack(path: Path, folder: Path, limits: Limits, name: str) -> None:
    """Write an archive's files below a folder; a folder that holds all of them is left away."""
    members = checked_members(path, limits, name)
    places = [PurePosixPath(each.filename) for each in members]
    shared = {place.parts[0] for place in places}
    strip = 1 if len(shared) == 1 and all(len(place.parts) > 1 for place in places) else 0
    try:
        with ZipFile(path) as archive:
            for each, place in zip(members, places, strict=True):
                _write(archive, each, folder.joinpath(*place.parts[strip:]))
    except _UNSOUND:
        raise unreadable(name, "", "send a sound zip archive") from None


def too_many(name: str, count: int, limits: Limits) -> Problem:
    """413 for an archive of too many members."""
    problem = too_large(name, count, limits.members)
    problem.detail = f"{name} holds {count} files; at most {limits.members} are taken"
    return problem


def _write(archive: ZipFile, member: ZipInfo, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    left = member.file_size
    with archive.open(member) as source, target.open("xb") as out:
        while piece := source.read(_PIECE):
            left -= len(piece)
            if left < 0:
                raise BadZipFile("a member is larger than it says")
            out.write(piece)


def _check_directory(path: Path, limits: Limits, name: str) -> None:
    """Bound the archive's directory before it is read into memory: it may state millions of members."""
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - 65_557))
        tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < 22:
        raise unreadable(name, "", "send a sound zip archive")
    count, directory, offset = struct.unpack("<HII", tail[at + 10 : at + 20])
    if 0xFFFFFFFF in (directory, offset):
        raise unreadable(name, "zip64", "pack it again without zip64, or send the files themselves")
    if count > 2 * limits.members or directory > 2 * limits.members * _ENTRY_BYTES:
        raise too_many(name, count, limits)


def _check_member(member: ZipInfo, limits: Limits, name: str) -> None:
    field = f"{name} / {member.filename[:100]}"
    parts = PurePosixPath(member.filename).parts
    if "\\" in member.orig_filename or not parts or len(parts) > 8 or not all(_PART.fullmatch(part) for part in parts):
        raise invalid(
            "archive member", member.orig_filename, "pack plain files and folders, no path that leads elsewhere"
        )
    if stat.S_IFMT(member.external_attr >> 16) not in (0, stat.S_IFREG):
        raise invalid("archive member", member.filename, "pack plain files, no links or devices")
    if member.flag_bits & 0x1:
        raise invalid("archive member", member.filename, "pack it without a password")
    if member.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        raise invalid("archive member", member.filename, "pack it with deflate")
    if member.file_size > _SMALL and member.file_size > limits.ratio * max(member.compress_size, 1):
        raise too_large(field, member.file_size, limits.ratio * max(member.compress_size, 1))


def _check_together(members: Sequence[ZipInfo], size: int, limits: Limits, name: str) -> None:
    total = sum(each.file_size for each in members)
    if total > limits.unpacked:
        raise too_large(name, total, limits.unpacked)
    if sum(each.compress_size for each in members) > size:
        raise unreadable(name, "overlapping members", "send a sound zip archive")
    seen: set[str] = set()
    for each in members:
        folded = each.filename.casefold()
        if folded in seen:
            raise invalid("archive member", each.filename, "pack each file once")
        seen.add(folded)


def _ignored(member: ZipInfo) -> bool:
    return member.is_dir() or any(part in _IGNORED for part in PurePosixPath(member.filename).parts)
