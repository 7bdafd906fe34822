"""A deployment's settings are refused when they can't be meant, with the variable, the value and the fix."""

from __future__ import annotations

import pytest

from graph.errors import BadSetting
from graph.settings import Settings


@pytest.mark.parametrize("tag", ["en_US", "x", "de-", "the language"])
def test_what_is_no_language_is_refused(tag: str) -> None:
    with pytest.raises(BadSetting, match=r"SKILLGRAPH_LANGUAGE.*language tag.*pt-BR") as refused:
        Settings.from_environment({"SKILLGRAPH_LANGUAGE": tag})
    assert tag in str(refused.value)


@pytest.mark.parametrize("tag", ["en", "pt-BR", "zh-Hant-TW"])
def test_a_language_is_a_tag_in_its_one_spelling(tag: str) -> None:
    for given in (tag, tag.lower()):
        assert Settings.from_environment({"SKILLGRAPH_LANGUAGE": given}).language == tag
