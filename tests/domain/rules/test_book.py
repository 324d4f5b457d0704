"""The book: every rule has its words in both languages and its source, and none is there for nothing."""

import string
from pathlib import Path

import pytest

import domain.rules
from domain.rules import RULES, Rule, book

ADVICE = ("请", "勿", "只能", "扫", "放")
TELLS = {Rule.TAKEN, Rule.TAKEN_BACK, Rule.LOT_SAID, Rule.RECEIVED, Rule.NEARER_LOT, Rule.UNREADABLE}
"""Those that need no advice: what went well, one warning, and the sentence that classification brings along."""
WORDS = dict.fromkeys(
    ("name", "names", "what", "why", "when", "where", "who", "list", "other", "lot", "read", "known", "day", "shelf"),
    "某物",
) | {"count": 2, "days": 30}


def test_every_rule_is_in_the_book_once() -> None:
    assert list(RULES) == sorted(RULES, key=list(RULES).index) and set(RULES) == set(Rule)


@pytest.mark.parametrize("rule", Rule)
def test_a_rule_says_what_and_what_to_do(rule: Rule) -> None:
    entry = RULES[rule]
    assert entry.title and entry.source and entry.english
    assert rule in TELLS or any(word in entry.sentence for word in ADVICE), entry.sentence
    assert entry.sentence.isascii() is False or rule is Rule.UNREADABLE
    assert not any("一" <= letter <= "鿿" for letter in entry.english)
    spoken = book.verdict(rule, None, ask=None, **WORDS)
    assert "{" not in spoken.sentence + spoken.english


def test_both_languages_take_words_that_are_given() -> None:
    for entry in RULES.values():
        english = {name for _, name, _, _ in string.Formatter().parse(entry.english) if name}
        chinese = {name for _, name, _, _ in string.Formatter().parse(entry.sentence) if name}
        assert english | chinese <= set(WORDS), entry.rule


def test_every_rule_can_speak() -> None:
    """Most speak here; that somebody must sign in first is asked where the signing in is known."""
    folder = Path(domain.rules.__file__).parent
    code = "".join(
        path.read_text("utf-8")
        for path in (*folder.rglob("*"), *(folder.parents[1] / "agent").glob("[pr]*ing/*.py"))
        if path.suffix in (".py", ".toml") and "entries" not in path.parts and path.name != "ids.py"
    )
    silent = [rule.name for rule in Rule if f"Rule.{rule.name}" not in code and f'"{rule.value}"' not in code]
    assert silent == []


@pytest.mark.parametrize(
    "sentence",
    [
        "这是商品条码，请扫描追溯码",
        "处方未审核，不能拣货",
        "该批次已召回",
        "已过期",
        "不是本订单的商品",
        "含麻黄碱类复方制剂不得网络销售",
    ],
)
def test_the_sentences_that_were_promised(sentence: str) -> None:
    assert any(sentence in entry.sentence for entry in RULES.values())
