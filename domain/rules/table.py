"""The book as the table of docs/rules.md: `python -m domain.rules.table` prints it."""

from collections.abc import Iterator

from domain.rules.book import RULES
from domain.rules.lists import LISTS

HEAD = ("| id | when | 提示 / English | source | where it is set |", "| --- | --- | --- | --- | --- |")
LISTS_HEAD = ("| id | what | clause | list, counts from |", "| --- | --- | --- | --- |")


def rules() -> Iterator[str]:
    yield from HEAD
    for entry in RULES.values():
        said = f"{entry.sentence}<br>{entry.english}"
        yield f"| {entry.rule} | {entry.title} | {said} | {entry.source} | {entry.setting or '–'} |"


def listings() -> Iterator[str]:
    yield from LISTS_HEAD
    for each in LISTS:
        for listing in each.listings:
            yield f"| {listing.id} | {listing.title} | {listing.clause} | {each.name}, {each.valid_from} |"


if __name__ == "__main__":
    print(*rules(), "", *listings(), sep="\n")
