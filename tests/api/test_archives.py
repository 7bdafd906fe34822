"""Archives are looked at before a byte is unpacked: what could do harm is refused, with the member's name."""

from __future__ import annotations

import stat
import struct
from collections.abc import Callable
from pathlib import Path
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZipFile, ZipInfo

import pytest

from api.archives import checked_members, is_archive, safe_name, unpack
from api.problems import Problem
from api.service import Limits

LIMITS = Limits(unpacked=50 << 20, members=20, ratio=200)
MEGABYTE = 1 << 20


def plain(archive: ZipFile) -> None:
    archive.writestr("Skill.csv", "id,label\n")
    archive.writestr("deep/Role.csv", "id,label\n")


def packed(tmp_path: Path, fill: Callable[[ZipFile], None]) -> Path:
    path = tmp_path / "upload.zip"
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        fill(archive)
    return path


def member(name: str, **facts: int) -> Callable[[ZipFile], None]:
    def fill(archive: ZipFile) -> None:
        info = ZipInfo(name)
        for fact, value in facts.items():
            setattr(info, fact, value)
        archive.writestr(info, "id\n")

    return fill


def bomb(archive: ZipFile) -> None:
    archive.writestr("Skill.csv", bytes(40 * MEGABYTE))


def heavy(archive: ZipFile) -> None:
    for number in range(9):
        archive.writestr(f"{number}.csv", b"0123456789abcdef" * (6 * MEGABYTE // 16))


def many(archive: ZipFile) -> None:
    for number in range(21):
        archive.writestr(f"{number}.csv", "id\n")


def twice(archive: ZipFile) -> None:
    archive.writestr("skill.csv", "id\n")
    archive.writestr("Skill.csv", "id\n")


HARMFUL: dict[str, tuple[Callable[[ZipFile], None], int]] = {
    "a path upwards": (member("../Skill.csv"), 422),
    "a path upwards, later": (member("a/../../Skill.csv"), 422),
    "an absolute path": (member("/etc/Skill.csv"), 422),
    "a Windows path": (member("..\\Skill.csv"), 422),
    "a drive": (member("C:/Skill.csv"), 422),
    "a hidden file": (member(".bashrc"), 422),
    "an endless path": (member("/".join("abcdefghij") + "/Skill.csv"), 422),
    "a name with a line break": (member("Skill\n.csv"), 422),
    "a link": (member("Skill.csv", external_attr=(stat.S_IFLNK | 0o777) << 16), 422),
    "a device": (member("Skill.csv", external_attr=(stat.S_IFCHR | 0o777) << 16), 422),
    "an old packing": (member("Skill.csv", compress_type=ZIP_BZIP2), 422),
    "one name twice": (twice, 422),
    "a bomb": (bomb, 413),
    "too much": (heavy, 413),
    "too many": (many, 413),
}


@pytest.mark.parametrize("case", HARMFUL, ids=str)
def test_a_harmful_archive_is_refused(case: str, tmp_path: Path) -> None:
    fill, status = HARMFUL[case]
    limits = Limits(unpacked=50 << 20, members=20, ratio=2_000) if case == "too much" else LIMITS
    with pytest.raises(Problem) as caught:
        unpack(packed(tmp_path, fill), tmp_path / "out", limits, "upload.zip")
    assert caught.value.status == status
    assert not (tmp_path / "out").exists()
    assert not (tmp_path.parent / "Skill.csv").exists()


def test_an_encrypted_member_is_refused(tmp_path: Path) -> None:
    path = packed(tmp_path, plain)
    data = bytearray(path.read_bytes())
    at = data.find(b"PK\x01\x02")
    data[at + 8] |= 1
    path.write_bytes(data)
    with pytest.raises(Problem, match="without a password"):
        checked_members(path, LIMITS, "upload.zip")


def test_overlapping_members_are_refused(tmp_path: Path) -> None:
    """The whole of each member is counted, so that one stretch of bytes cannot be many files."""
    path = packed(tmp_path, lambda archive: archive.writestr("a.csv", bytes(range(256)) * 4_000))
    data = path.read_bytes()
    at = data.find(b"PK\x01\x02")
    entry, end = data[at : data.find(b"PK\x05\x06")], data[data.find(b"PK\x05\x06") :]
    copies = b"".join(entry.replace(b"a.csv", f"{number}.csv".encode()) for number in range(9))
    tail = end[:8] + struct.pack("<HHI", 9, 9, len(copies)) + end[16:]
    path.write_bytes(data[:at] + copies + tail)
    with pytest.raises(Problem) as caught:
        unpack(path, tmp_path / "out", LIMITS, "upload.zip")
    assert caught.value.status == 400


def test_a_directory_of_millions_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = packed(tmp_path, plain)
    data = bytearray(path.read_bytes())
    at = data.find(b"PK\x05\x06")
    data[at + 12 : at + 16] = struct.pack("<I", 400 << 20)
    path.write_bytes(data)
    with pytest.raises(Problem) as caught:
        checked_members(path, LIMITS, "upload.zip")
    assert caught.value.status == 413


@pytest.mark.parametrize("cut", [1, 30, 60, 100])
def test_an_archive_cut_off_is_400(cut: int, tmp_path: Path) -> None:
    path = packed(tmp_path, plain)
    path.write_bytes(path.read_bytes()[:-cut])
    with pytest.raises(Problem) as caught:
        checked_members(path, LIMITS, "upload.zip")
    assert caught.value.status == 400


def test_a_sound_archive_is_unpacked_without_the_folder_that_holds_all(tmp_path: Path) -> None:
    def fill(archive: ZipFile) -> None:
        archive.writestr("ESCO/skills_en.csv", "conceptUri\n")
        archive.writestr("ESCO/more/read.txt", "…")
        archive.writestr("__MACOSX/ESCO/._skills_en.csv", "")

    path = packed(tmp_path, fill)
    assert is_archive(path)
    unpack(path, tmp_path / "out", LIMITS, "upload.zip")
    found = {each.relative_to(tmp_path / "out").as_posix() for each in (tmp_path / "out").rglob("*") if each.is_file()}
    assert found == {"skills_en.csv", "more/read.txt"}


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../a", "a/b", "a\\b", "a\0", "a\n", "CON:", "-rf", " a", "a.", "x" * 200]
)
def test_unsafe_file_names_are_refused(name: str) -> None:
    with pytest.raises(Problem, match="name files with"):
        safe_name(name)


@pytest.mark.parametrize("name", ["Skill.csv", "skills_en.csv", "Röllen 2025 (1).xlsx", "EXACT_MATCH.csv"])
def test_ordinary_file_names_are_kept(name: str) -> None:
    assert safe_name(name) == name
