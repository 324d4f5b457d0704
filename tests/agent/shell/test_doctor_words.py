"""What the doctor can say: in both languages, with a remedy for what is wrong, and all of it documented."""

import string
from collections.abc import Iterator
from pathlib import Path

from agent.doctor.examination import CHECKS
from agent.doctor.findings import OUTCOMES, Level


def test_every_outcome_has_words_in_both_languages_and_the_bad_ones_a_remedy() -> None:
    for id, outcome in OUTCOMES.items():
        assert all(outcome.what), id
        assert outcome.level is Level.OK or all(outcome.do), id
        assert {*_fields(outcome.what[0])} == {*_fields(outcome.what[1])}, id


def test_every_check_and_outcome_is_documented() -> None:
    text = Path("docs/doctor.md").read_text(encoding="utf-8")
    assert [id for id in OUTCOMES if f"`{id}`" not in text] == []
    assert len(CHECKS) == len({check.__name__ for check in CHECKS})


def _fields(text: str) -> Iterator[str]:
    return (name for _, name, _, _ in string.Formatter().parse(text) if name)
