"""docs/policy.md names every field of the policy and every word a field may hold; its example is a good one."""

import re
import tomllib
from pathlib import Path

import pytest

from cloud import policy
from domain.policy import ChainPolicy, Duty, Owner, SecondCheck, Waiver, WithoutPharmacist

TEXT = (Path(__file__).parent.parent / "docs" / "policy.md").read_text(encoding="utf-8")


def test_every_field_is_told_and_no_other() -> None:
    told = re.findall(r"^\| `(\w+)` \|", TEXT, re.MULTILINE)
    assert told == list(ChainPolicy.__struct_fields__)


@pytest.mark.parametrize("words", [Duty, Owner, SecondCheck, Waiver, WithoutPharmacist])
def test_every_word_is_told(words: type[Duty]) -> None:
    assert [word for word in words if f"`{word}`" not in TEXT] == []


def test_its_example_can_be_set() -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)
    assert policy.parse(tomllib.loads(example)) != ChainPolicy()
