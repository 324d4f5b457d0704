"""What an approval is about, and for how long it holds."""

from hypothesis import given
from hypothesis import strategies as st

from domain.blobs import Blob
from domain.orders import OrderLine
from domain.prescriptions import coverage, covered, fingerprint
from domain.quantity import units


def line(line_id: int, sku: str | None, count: int, *, struck: int = 0, channel_sku: str = "C1") -> OrderLine:
    return OrderLine(line_id, channel_sku, sku, "药", "10片", "盒", units(count), 100, struck=units(struck))


APPROVED = (line(1, "AMX", 2), line(2, "IBU", 1))


def test_the_same_goods_in_another_order_are_the_same() -> None:
    assert coverage(APPROVED) == coverage((line(7, "IBU", 1), line(8, "AMX", 1), line(9, "AMX", 1)))


def test_less_of_the_same_needs_no_second_look() -> None:
    covers = coverage(APPROVED)
    assert covered(covers, APPROVED)
    assert covered(covers, (line(1, "AMX", 2, struck=1), line(2, "IBU", 1)))
    assert covered(covers, (line(1, "AMX", 2),))


def test_more_or_another_product_does() -> None:
    covers = coverage(APPROVED)
    assert not covered(covers, (line(1, "AMX", 3), line(2, "IBU", 1)))
    assert not covered(covers, (*APPROVED, line(3, "AMX", 1)))
    assert not covered(covers, (line(1, "CEF", 1),))
    assert not covered(covers, (line(1, None, 1, channel_sku="AMX"),)), "a channel's number is no product of ours"


def test_what_cannot_be_read_covers_nothing() -> None:
    for text in ("", "9f86d081884c7d65", "[1]", '{"AMX": "two"}'):
        assert not covered(text, APPROVED)


@given(st.lists(st.tuples(st.sampled_from("ABC"), st.integers(0, 4), st.integers(0, 4)), max_size=6))
def test_striking_never_asks_for_review_again(counts: list[tuple[str, int, int]]) -> None:
    before = [line(number, sku, count) for number, (sku, count, _) in enumerate(counts)]
    after = [line(number, sku, count, struck=struck) for number, (sku, count, struck) in enumerate(counts)]
    assert covered(coverage(before), after)


def test_a_prescription_is_known_by_its_number_or_else_by_its_images() -> None:
    front, back = Blob("aa", 1, "image/jpeg"), Blob("bb", 1, "image/jpeg")
    assert fingerprint((front, back), "", "") == fingerprint((back, front), "x", "") != ""
    assert fingerprint((front,), "p", "1") == fingerprint((), "p", "1") != fingerprint((), "q", "1")
    assert fingerprint((), "p", "") == ""
