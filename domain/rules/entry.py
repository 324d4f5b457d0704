"""One rule as the book has it."""

import msgspec

from domain.rules.ids import Rule


class Entry(msgspec.Struct, frozen=True):
    """`title` says when it speaks; `setting` where the chain can change it, empty where the law leaves no choice."""

    rule: Rule
    title: str
    sentence: str
    english: str
    source: str
    setting: str = ""
