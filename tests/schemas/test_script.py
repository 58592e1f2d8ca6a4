"""Our own entries for traditional script: those that could not be used are refused, with place and remedy."""

from __future__ import annotations

import pytest

from schemas.errors import VocabularyError
from schemas.vocabulary import load_script, parse_script


def test_entries_of_all_groups_are_one_table() -> None:
    assert parse_script('[places]\n"乾安縣" = "乾安县"\n# why\n[old_forms]\n"擡" = "抬"\n') == {
        "乾安縣": "乾安县",
        "擡": "抬",
    }


def test_the_table_of_the_project_loads() -> None:
    entries = load_script()
    assert entries["乾安縣"] == "乾安县"
    assert all(len(old) == len(new) for old, new in entries.items())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[words]\n"電腦" = "计算机"', r"\[words\] '電腦' = '计算机': 2 characters become 3; .*cut it .*or remove it"),
        ('[words]\n"電腦" = ""', r"\[words\] '電腦' = '': .*Chinese characters only; leave out"),
        ('[words]\n"電,腦" = "电,脑"', r"\[words\] '電,腦' = '电,脑': .*Chinese characters only; leave out"),
        ('[words]\n"" = ""', r"\[words\] '' = '': .*Chinese characters only"),
        ('[words]\n"電" = 1', r"\[words\] '電' = 1: the simplified word is no text; put it in quotation marks"),
        ('"電" = "电"', r"電 = '电' stands in no group; put it under a \[heading\]"),
        ('[a]\n"電" = "电"\n[b]\n"電" = "电"', r"\[b\] '電' stands in \[a\], too; remove one"),
        ('[a]\n"電" = "电"\n"電" = "电"\n', r"line 3.*mend the line, or remove a second entry"),
        ("[a\n", r"line 1.*mend the line"),
    ],
)
def test_a_damaged_entry_is_refused_with_place_and_remedy(text: str, message: str) -> None:
    with pytest.raises(VocabularyError, match=f"script.toml: .*{message}"):
        parse_script(text)
