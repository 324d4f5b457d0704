"""Each family of rules: what it refuses, what it asks, what it only warns of."""

from datetime import date

import msgspec
import pytest

from domain.codes import Code, Gs1Code, Gs1Reading, InsuranceCode, LinkCode, MakerCode, ProductBarcode, ShelfCode
from domain.lots import KnownLot, Lot, LotSource
from domain.picks import Binding, Entry, Pick
from domain.policy import ChainPolicy, Duty, Owner
from domain.products import CodePolicy, Product
from domain.quantity import ONE, units
from domain.recalls import Recall, RecallKind
from domain.rules import Ask, Case, Known, Level, Rule, Sale, Terms, judge, take
from domain.rules.ids import Rule as RuleId
from tests.domain.rules.shelf import ALCOHOL, AMOXICILLIN, PICK, STRANGER, TERMS, TODAY, line, trace

GTIN = "06901234567892"
B1, B2 = Lot("B1", date(2027, 10, 31), units(5), shelf="A-1"), Lot("B2", date(2028, 6, 30), units(9))
OLD = Lot("B0", date(2026, 11, 21), units(1))
RECALL = Recall("r1", RecallKind.RECALL, "M1", ("B1",), "质量问题", 0)


def judged(code: Code, known: Known | None = None, pick: Pick = PICK, **terms: object) -> tuple[Rule, Ask | None, str]:
    made = Case(pick, code, known or Known((AMOXICILLIN,)), msgspec.structs.replace(TERMS, **terms))
    verdict = judge(made)
    assert (take(made, verdict) == pick) is not verdict.good
    return verdict.rule, verdict.ask, verdict.warning


def rule(code: Code, known: Known | None = None, pick: Pick = PICK, **terms: object) -> Rule:
    return judged(code, known, pick, **terms)[0]


def wants(product: Product, count: int = 2, *held: str) -> Pick:
    """An order for this product, with so much in its bag."""
    bindings = tuple(Binding(1, code, ONE) for code in held)
    return msgspec.structs.replace(PICK, lines=(line(1, product, count),), bindings=bindings)


def in_lot(lot: str, expiry: date | None = None, *, month_only: bool = False) -> Known:
    return Known((AMOXICILLIN,), lot=KnownLot(lot, LotSource.RECEIVED, expiry, month_only=month_only))


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (ProductBarcode("6901234567892"), Rule.PRODUCT_BARCODE),
        (Gs1Code(GTIN), Rule.PRODUCT_BARCODE),
        (Gs1Code(GTIN, serial="S1", serial_sure=False), Rule.SERIAL_UNSURE),
        (MakerCode("JK-1"), Rule.MAKER_CODE),
        (LinkCode("a.cn", "JK-1"), Rule.MAKER_CODE),
        (Gs1Code("16901234567899", serial="S1"), Rule.LEVEL),
        (Gs1Code(GTIN, serial="S1"), Rule.TAKEN),
        (InsuranceCode(), Rule.INSURANCE),
        (ShelfCode("A-1"), Rule.OWN_CODE),
    ],
)
def test_a_product_is_taken_by_its_own_kind_of_code(code: Code, expected: Rule) -> None:
    assert rule(code) is expected


def test_a_makers_code_counts_where_it_is_known() -> None:
    product = msgspec.structs.replace(AMOXICILLIN, maker_prefixes=("JK",), trace_prefixes=())
    assert rule(MakerCode("JK-1"), Known((product,)), wants(product), products={"M1": product}) is Rule.TAKEN
    assert (
        rule(ProductBarcode("6901234567892"), Known((product,)), wants(product), products={"M1": product})
        is Rule.PRODUCT_BARCODE
    )


def test_a_code_nobody_taught_asks_for_its_product() -> None:
    assert judged(trace(1), Known())[:2] == (Rule.UNKNOWN_PREFIX, Ask.PRODUCT)
    assert judged(ProductBarcode("6901234567892"), Known())[:2] == (Rule.UNKNOWN_BARCODE, None)
    assert rule(MakerCode("what", cut="扫码不完整，请重扫"), Known()) is Rule.UNREADABLE
    assert rule(trace(1), Known((STRANGER,))) is Rule.WRONG_PRODUCT


def test_only_the_smallest_pack_is_sold() -> None:
    assert rule(trace(1), Known((AMOXICILLIN,), level=Level.CASE)) is Rule.LEVEL
    assert rule(trace(1), Known((AMOXICILLIN,), level=Level.PACK)) is Rule.TAKEN
    held = msgspec.structs.replace(PICK, bindings=(Binding(1, "case", ONE),))
    assert rule(trace(1), Known((AMOXICILLIN,), parent="case"), held) is Rule.PARENT


def test_a_pack_is_sold_once() -> None:
    assert rule(trace(1), Known((AMOXICILLIN,), sold_elsewhere="江滨店")) is Rule.SOLD_IN_CHAIN
    assert rule(trace(1), Known((AMOXICILLIN,), returned=True, remaining=ONE)) is Rule.RETURNED


def test_an_opened_pack_lasts_until_it_is_empty() -> None:
    product = msgspec.structs.replace(AMOXICILLIN, opens=True, per_code=units(24))
    pick = msgspec.structs.replace(PICK, lines=(line(1, product, 10),))
    made = Case(pick, trace(1), Known((product,)), Terms(TODAY, products={"M1": product}))
    (binding,) = take(made, judge(made)).bindings
    assert (binding.quantity, binding.opened) == (units(10), True)
    assert rule(trace(1), Known((product,), remaining=0), pick, products={"M1": product}) is Rule.OPENED_EMPTY
    left = msgspec.structs.replace(made, known=Known((product,), remaining=units(4), sold_at="11-20 09:30"))
    (binding,) = take(left, judge(left)).bindings
    assert (binding.quantity, binding.opened) == (units(4), True)
    closed = msgspec.structs.replace(product, opens=False)
    assert rule(trace(1), Known((closed,)), pick, products={"M1": closed}) is Rule.TOO_MUCH


def test_two_codes_may_be_one_unit() -> None:
    product = msgspec.structs.replace(AMOXICILLIN, per_code=500)
    pick = msgspec.structs.replace(PICK, lines=(line(1, product, 1),))
    for serial, expected in ((1, Rule.TAKEN), (2, Rule.TAKEN), (3, Rule.ENOUGH)):
        made = Case(pick, trace(serial), Known((product,)), Terms(TODAY, products={"M1": product}))
        assert judge(made).rule is expected
        pick = take(made, judge(made))


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        (in_lot("B1"), Rule.TAKEN),
        (in_lot("b1", date(2027, 10, 31)), Rule.TAKEN),
        (in_lot("B1", date(2027, 10, 1), month_only=True), Rule.TAKEN),
        (in_lot("B1", date(2027, 9, 30)), Rule.LOT_CONFLICT),
        (in_lot("B0"), Rule.EXPIRED),
        (in_lot("BX", TODAY), Rule.NEAR_EXPIRY_STOPS),
        (in_lot("BX", date(2026, 12, 21)), Rule.NEAR_EXPIRY_STOPS),
        (in_lot("BX", date(2026, 12, 22)), Rule.TAKEN),
    ],
)
def test_lots_and_their_last_day(known: Known, expected: Rule) -> None:
    assert rule(trace(1), known, lots={"M1": (OLD, B1, B2)}) is expected


def test_the_last_day_itself_is_a_day_of_sale() -> None:
    """Where the chain stops nothing that is only near."""
    policy = ChainPolicy(near_expiry_stops_days=0)
    assert rule(trace(1), in_lot("BX", TODAY), policy=policy) is Rule.TAKEN
    assert rule(trace(1), in_lot("BX", date(2026, 11, 21)), policy=policy) is Rule.EXPIRED


def test_what_two_sources_say_of_a_pack_must_agree() -> None:
    known = msgspec.structs.replace(in_lot("B1", B1.expiry), products=(AMOXICILLIN,))
    for code, expected in (
        (Gs1Code(GTIN, serial="1", lot="b1"), Rule.TAKEN),
        (Gs1Code(GTIN, serial="1", lot="B2"), Rule.LOT_CONFLICT),
        (Gs1Code(GTIN, serial="1", lot="B1", expiry=date(2027, 10, 30)), Rule.LOT_CONFLICT),
        (Gs1Code(GTIN, serial="1", lot="B1", expiry=B1.expiry, month_only=True), Rule.TAKEN),
    ):
        assert rule(code, known) is expected


def test_a_lot_that_is_not_sure_is_asked_for() -> None:
    unsure = Gs1Code(GTIN, serial="1", lot="B121X", lot_sure=False, others=(Gs1Reading("B1", "X"),))
    made = Case(PICK, unsure, Known((AMOXICILLIN,)), msgspec.structs.replace(TERMS, lots={"M1": (OLD, B1)}))
    assert (judge(made).rule, judge(made).ask) == (Rule.TAKEN, Ask.LOT)
    assert take(made, judge(made)).bindings[0].lot is None


def test_a_blank_never_hides_a_known_day() -> None:
    made = Case(PICK, trace(1), in_lot("b1"), msgspec.structs.replace(TERMS, lots={"M1": (B1,)}))
    assert take(made, judge(made)).bindings[0].expiry == B1.expiry


def test_when_the_lot_must_be_said() -> None:
    assert judged(trace(1), lots={"M1": (B1, B2)})[1] is None
    assert judged(trace(1), lots={"M1": (OLD, B1)})[1] is Ask.LOT
    assert judged(trace(1), policy=ChainPolicy(owners={Duty.LOT_STOCK: Owner.YAOLINK}))[1] is Ask.LOT
    rule_, ask, warning = judged(trace(1), recalls=(RECALL,))
    assert (rule_, ask) == (Rule.TAKEN, Ask.LOT) and "召回" in warning


def test_a_recall_stops_its_lots_and_no_other() -> None:
    assert rule(trace(1), in_lot("b1"), recalls=(RECALL,)) is Rule.RECALLED
    assert judged(trace(1), in_lot("B2"), recalls=(RECALL,))[:2] == (Rule.TAKEN, None)
    stop = msgspec.structs.replace(RECALL, kind=RecallKind.STOP_SALE, lots=())
    assert rule(trace(1), recalls=(stop,)) is Rule.STOP_SALE
    assert rule(trace(1), recalls=(msgspec.structs.replace(stop, ended=True),)) is Rule.TAKEN


def test_warnings_do_not_stop() -> None:
    cold = msgspec.structs.replace(AMOXICILLIN, cold=True)
    lots = {"M1": (B1, B2)}
    for known, said in (
        (Known((cold,)), "冷藏"),
        (in_lot("B2"), "B1（A-1）"),
        (in_lot("ZZ", date(2029, 1, 1)), "不在本店库存"),
        (in_lot("B9", date(2027, 3, 1)), "临近效期"),
    ):
        rule_, ask, warning = judged(trace(1), known, lots=lots)
        assert (rule_, ask) == (Rule.TAKEN, None) and said in warning, warning
    calm = msgspec.structs.replace(AMOXICILLIN, near_expiry_days=10)
    assert "临近" not in judged(trace(1), msgspec.structs.replace(in_lot("B9", date(2027, 3, 1)), products=(calm,)))[2]


def test_typed_codes_are_typed_twice() -> None:
    typed = Case(PICK, trace(1), Known((AMOXICILLIN,)), TERMS, Entry.TYPED)
    assert (judge(typed).rule, judge(typed).ask) == (Rule.TYPE_AGAIN, Ask.CODE_AGAIN)
    other = msgspec.structs.replace(typed, typed_before=trace(2).code)
    assert judge(other).rule is Rule.TYPED_DIFFERS
    again = msgspec.structs.replace(typed, typed_before=trace(1).code)
    assert take(again, judge(again)).bindings[0].entry is Entry.TYPED
    barcode = msgspec.structs.replace(typed, code=ProductBarcode("6900000000014"), known=Known((ALCOHOL,)))
    assert judge(barcode).good, "a 69-code has a check digit"


def test_what_may_not_be_sold_online_may_be_sold_at_the_counter() -> None:
    product = msgspec.structs.replace(AMOXICILLIN, name="泰诺", generic="酚麻美敏片")
    known, here = Known((product,)), {"M1": product}
    assert rule(trace(1), known, wants(product), products=here) is Rule.EPHEDRINE_ONLINE
    assert rule(trace(1), known, wants(product), products=here, sale=Sale.COUNTER) is Rule.TAKEN
    full = wants(product, 5, "a", "b")
    assert rule(trace(1), known, full, products=here, sale=Sale.COUNTER) is Rule.LIMIT
    assert rule(trace(1), known, full, products=here, sale=Sale.COUNTER, prescription=True) is Rule.TAKEN


def test_special_drugs_are_told_by_their_code() -> None:
    assert rule(trace(1, "8901215")) is Rule.SPECIAL
    assert rule(trace(1, "8901215"), sale=Sale.COUNTER) is Rule.TAKEN
    narcotic = msgspec.structs.replace(AMOXICILLIN, controls=("narcotic",))
    assert rule(trace(1), Known((narcotic,)), wants(narcotic), products={"M1": narcotic}) is Rule.SPECIAL


def test_a_product_without_codes_may_still_be_scanned() -> None:
    herb = msgspec.structs.replace(ALCOHOL, code_policy=CodePolicy.NONE)
    assert rule(ProductBarcode("6900000000014"), Known((herb,))) is RuleId.TAKEN


@pytest.mark.parametrize(("shelf", "said"), [("", "批号 B1"), ("C-09", "批号 B1（C-09）")])
def test_a_nearer_lot_is_named_with_its_shelf_where_it_has_one(shelf: str, said: str) -> None:
    stock = (Lot("B1", date(2027, 10, 31), units(8), shelf=shelf), Lot("B2", date(2028, 6, 30), units(8)))
    _, _, warning = judged(trace(1), in_lot("B2", date(2028, 6, 30)), lots={AMOXICILLIN.sku: stock})
    assert warning.endswith(said)
