"""docs/rules.md says what the book says."""

from pathlib import Path

from domain.rules import table

PAGE = Path(__file__).parents[3] / "docs" / "rules.md"


def test_the_page_has_every_rule_and_listing_word_by_word() -> None:
    """Mended by `python -m domain.rules.table`."""
    said = PAGE.read_text("utf-8")
    assert "\n".join(table.rules()) in said
    assert "\n".join(table.listings()) in said
