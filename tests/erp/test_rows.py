"""What the rows of one reading mean together."""

from domain.erp import ErpCount
from erp import rows
from erp.rows import Feed, Flaw, Formats, Row


def levels(*told: tuple[str, str, str, str]) -> tuple[list[tuple[int, int | None, list[str]]], tuple[Flaw, ...]]:
    """By `as_of, contains, sku, quantity`: each count with its products, and the flaws."""
    fields = ("as_of", "contains", "sku", "quantity")
    given = [Row(number, dict(zip(fields, each, strict=True))) for number, each in enumerate(told, start=2)]
    pieces, flaws = rows.read(Feed.COUNTS, given, "kc", Formats())
    counts = [piece.feed for piece in pieces if isinstance(piece.feed, ErpCount)]
    return [(count.as_of, count.contains, [level.sku for level in count.levels]) for count in counts], flaws


def test_readings_of_one_file_are_counts_of_their_own() -> None:
    counts, flaws = levels(("1", "5", "AMX", "10"), ("2", "6", "AMX", "9"), ("2", "6", "IBU", "3"))

    assert counts == [(1, 5, ["AMX"]), (2, 6, ["AMX", "IBU"])]
    assert flaws == ()


def test_one_reading_contains_one_thing() -> None:
    """Two counts would bear one id of ours: the second would be kept aside, as if the ERP had used an id twice."""
    counts, flaws = levels(
        ("1", "5", "AMX", "10"), ("1", "6", "IBU", "3"), ("1", "", "VIT", "1"), ("1", "6", "AMX", "2")
    )

    assert counts == []
    assert [(flaw.row, flaw.why) for flaw in flaws] == [(row, "同一时点的已入账的单据编号不一致") for row in (3, 4, 5)]


def test_what_agrees_with_the_first_row_is_taken() -> None:
    counts, flaws = levels(("1", "5", "AMX", "10"), ("1", "6", "IBU", "3"), ("1", "5", "VIT", "1"))

    assert counts == [(1, 5, ["AMX", "VIT"])]
    assert [flaw.row for flaw in flaws] == [3]
