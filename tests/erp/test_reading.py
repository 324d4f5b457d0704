"""What ERPs write: quantities, times, days, codes; and what a mapping may say."""

from datetime import date

import pytest

from agent.config import BadConfig, parse
from erp import mapping, terms
from erp.errors import BadMapping
from erp.terms import BadValue


@pytest.mark.parametrize(
    ("text", "thousandths"), [("2", 2000), (" 2.000 ", 2000), ("0.5", 500), ("1,000", 1_000_000), ("1e1", 10_000)]
)
def test_quantities(text: str, thousandths: int) -> None:
    assert terms.quantity(text) == thousandths


@pytest.mark.parametrize("text", ["", "两盒", "0", "-1", "0.0005", "NaN", "Infinity", "1e9", "200000", "1e999999"])
def test_what_is_no_quantity(text: str) -> None:
    with pytest.raises(BadValue):
        terms.quantity(text)


def test_a_level_may_be_below_nothing() -> None:
    assert terms.quantity("-3", signed=True) == -3000


@pytest.mark.parametrize(
    "text",
    ["2026-11-22 09:30:00", "2026/11/22 09:30:00", "20261122093000", "2026-11-22T01:30:00+00:00", "2026-11-22 09:30"],
)
def test_times_are_chinas(text: str) -> None:
    assert terms.sequence(text) == 1_795_311_000_000


def test_a_number_is_a_number() -> None:
    assert terms.sequence("00042") == 42
    for wrong in ("昨天", "-1", "1.5", "9" * 30, "9" * 5000):
        with pytest.raises(BadValue):
            terms.sequence(wrong)


def test_a_number_of_a_document_fits_into_our_books() -> None:
    assert terms.whole("000000000042") == 42
    for wrong in ("", "-1", "９", "9" * 20, "9" * 5000):
        with pytest.raises(BadValue):
            terms.whole(wrong)


def test_days_with_a_time_behind_them_and_in_other_ways() -> None:
    assert terms.day("2028-06-30 00:00:00") == (date(2028, 6, 30), False)
    assert terms.day("2028-06") == (date(2028, 6, 30), True)
    assert terms.day("30.06.2028", ["%d.%m.%Y"]) == (date(2028, 6, 30), False)
    with pytest.raises(BadValue):
        terms.day("31.06.2028", ["%d.%m.%Y"])


def test_codes_that_a_spreadsheet_rewrote_are_noticed() -> None:
    assert terms.codes("8123;9456 777") == ("8123", "9456", "777")
    with pytest.raises(BadValue, match="文本"):
        terms.codes("8.12346E+19")


SALES = '[[files]]\nfeed = "sales"\nname = "a"\ncolumns = {{ document_id = "a", sequence = "b", sku = "c", {} }}\n'


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[[file]]\n", "files"),
        (SALES.format('quantiy = "d"'), "quantiy"),
        (SALES.format('lot = "d"'), "quantity"),
        (SALES.format('quantity = "d"').replace('"a"\ncol', '"["\ncol'), "regular expression"),
        (
            '[[views]]\nfeed = "counts"\nview = "v; DROP"\ncolumns = { as_of = "a", sku = "b", quantity = "c" }',
            "no name",
        ),
        (
            '[[views]]\nfeed = "sales"\nview = "v"\n'
            'columns = { document_id = "a", sequence = "b", sku = "c", quantity = "d" }',
            "views.by",
        ),
        ('[hand_over]\ntable = "t"\nstate = "s"\ncolumns = { number = "a" }', "hand_over.columns"),
    ],
)
def test_a_mistaken_mapping_is_said_plainly(text: str, why: str) -> None:
    with pytest.raises(BadMapping) as told:
        mapping.parse(text)
    assert why in f"{told.value} {told.value.hint}"


@pytest.mark.parametrize(
    ("erp", "why"),
    [
        ({"folder": "erp"}, "mapping"),
        ({"sql": "server", "mapping": "m"}, "no URL"),
        ({"sql": "postgresql://me:secret@host/erp", "mapping": "m"}, "password"),
    ],
)
def test_settings_that_cannot_be(erp: dict[str, object], why: str) -> None:
    with pytest.raises(BadConfig, match=why):
        parse({"erp": erp})
