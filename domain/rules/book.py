"""The book of rules: what each says, in both languages, where it comes from, and where a chain can set it.

Sources: R1 to R16 are facts/compliance.md §7; laws are named by their Chinese names. docs/rules.md is this book as a
table.
"""

from domain.rules.answers import OPEN, Ask, Gate, Obstacle, Verdict
from domain.rules.entries import codes, counts, gates, lots, products, receiving, steps
from domain.rules.entry import Entry
from domain.rules.ids import Rule

RULES: dict[Rule, Entry] = {
    entry.rule: entry for family in (codes, products, counts, lots, receiving, gates, steps) for entry in family.ENTRIES
}


def verdict(rule: Rule, line_id: int | None = None, *, ask: Ask | None = None, **said: object) -> Verdict:
    entry = RULES[rule]
    return Verdict(rule, entry.sentence.format_map(said), line_id, ask, english=entry.english.format_map(said))


def obstacle(rule: Rule, line_ids: tuple[int, ...] = (), *, ask: Ask | None = None, **said: object) -> Obstacle:
    entry = RULES[rule]
    return Obstacle(rule, entry.sentence.format_map(said), line_ids, ask, entry.english.format_map(said))


def gate(rule: Rule) -> Gate:
    """`Rule.TAKEN` opens it."""
    return OPEN if rule is Rule.TAKEN else Gate(rule, RULES[rule].sentence, RULES[rule].english)
