"""JSON is read strictly: each thing that other readers let pass is refused in one sentence."""

from __future__ import annotations

import pytest

from api.problems import Problem
from api.strict_json import MAX_DEPTH, parse_json

REFUSED = {
    "nothing": (b"", "send a JSON text"),
    "blanks": (b" \n", "send a JSON text"),
    "NaN": (b'{"score": NaN}', "sound JSON text"),
    "infinity": (b"[-Infinity]", "sound JSON text"),
    "a number beyond doubles": (b"[1e400]", "sound JSON text"),
    "half a surrogate pair": (b'["\\ud800"]', "sound JSON text"),
    "the other half": (b'["\\udc00x"]', "sound JSON text"),
    "Latin-1": (b'["caf\xe9"]', "encode it as UTF-8"),
    "UTF-16": ('{"a": 1}'.encode("utf-16"), "UTF-8 without a byte order mark"),
    "UTF-16 without mark": ('{"a": 1}'.encode("utf-16-le"), "UTF-8 without a byte order mark"),
    "a byte order mark": (b"\xef\xbb\xbf{}", "without a byte order mark"),
    "a bare NUL": (b'["\x00"]', "sound JSON text"),
    "a trailing comma": (b"[1,]", "sound JSON text"),
    "two texts": (b"{} {}", "sound JSON text"),
    "an end cut off": (b'{"a": [1, 2', "sound JSON text"),
    "a name twice": (b'{"a": {"b": 1, "c": 2, "b": 3}}', "state a name once"),
    "an integer beyond 64 bits": (b"[18446744073709551616]", "whole numbers go up to"),
    "an integer beyond signed 64 bits": (b"[9223372036854775808]", "whole numbers go up to"),
    "an integer of 5,000 digits": (b"1" * 5000, "sound JSON text"),
    "600 arrays deep": (b"[" * 600 + b"]" * 600, "nest at most"),
    "600 objects deep": (b'{"a":' * 600 + b"1" + b"}" * 600, "nest at most"),
    "a million arrays deep": (b"[" * 1_000_000, "sound JSON text"),
}


@pytest.mark.parametrize("case", REFUSED, ids=str)
def test_unsound_json_is_refused_with_the_fix(case: str) -> None:
    text, fix = REFUSED[case]
    with pytest.raises(Problem) as caught:
        parse_json(text)
    assert caught.value.status == 400
    assert fix in caught.value.faults[0].fix


def test_the_greatest_depth_is_read_and_one_more_is_not() -> None:
    assert parse_json(b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1)) is not None
    with pytest.raises(Problem, match="nest at most"):
        parse_json(b"[" * (MAX_DEPTH + 2) + b"]" * (MAX_DEPTH + 2))


def test_sound_json_is_read() -> None:
    assert parse_json('{"é": [1, 0.5, true, null, "\\u00e9\\ud83d\\ude00"]}'.encode()) == {
        "é": [1, 0.5, True, None, "é😀"]
    }
    assert parse_json(b"9223372036854775807") == 2**63 - 1


def test_numbers_can_be_kept_as_they_were_written() -> None:
    assert parse_json(b'{"score": 0.50, "level": 2}', numbers_as_text=True) == {"score": "0.50", "level": "2"}


def test_an_object_of_many_names_with_one_twice_is_refused_quickly() -> None:
    names = ",".join(f'"n{number}": 1' for number in range(200_000))
    with pytest.raises(Problem, match="state a name once") as caught:
        parse_json(f'{{{names}, "n7": 2}}'.encode())
    assert caught.value.faults[0].value == "n7"
