"""What the page offers at a line: lots by nearest expiry, and what is forbidden with the rule that forbids it."""

from datetime import date

import msgspec

from agent.choices import LineChoices, of_line
from domain.lots import Lot
from domain.picks import Binding, Pick, PickState
from domain.policy import ChainPolicy, Waiver
from domain.products import CodePolicy, Product
from domain.quantity import units
from domain.rules import Rule, Terms
from domain.rules.book import RULES
from tests.agent.core.hub import AMOXICILLIN, IBUPROFEN, line

DEFAULT = ChainPolicy()
TODAY = date(2026, 11, 22)
NEAR, FAR = Lot("NEAR", date(2027, 2, 1), units(1)), Lot("FAR", date(2028, 6, 30), units(9), month_only=True)
EXPIRED = Lot("OLD", date(2026, 11, 21), units(5))
WITH_SUBSTITUTE = msgspec.structs.replace(AMOXICILLIN, substitutes=("IBU",))


def offered(
    product: Product = AMOXICILLIN,
    *bound: Binding,
    policy: ChainPolicy = DEFAULT,
    insured: bool = False,
) -> LineChoices:
    wanted = line(1, product, 3)
    terms = Terms(TODAY, policy, {product.sku: product}, {product.sku: (FAR, EXPIRED, NEAR)}, insured=insured)
    return of_line(Pick("o1", PickState.PICKING, (wanted,), bound), wanted, terms, {"IBU": IBUPROFEN})


def no(sentence: str, rule: Rule) -> bool:
    return sentence == RULES[rule].sentence


def test_where_one_lot_does_not_suffice_several_are_named() -> None:
    taken = [(each.lot.lot, each.quantity, each.near) for each in offered().take]
    assert taken == [("NEAR", units(1), True), ("FAR", units(2), False)]


def test_what_lies_in_the_bag_is_not_proposed_again() -> None:
    taken = offered(AMOXICILLIN, Binding(1, "81234560000000000017", units(1), lot="NEAR")).take
    assert [(each.lot.lot, each.quantity) for each in taken] == [("FAR", units(2))]


def test_what_the_chain_forbids_is_shown_with_its_rule() -> None:
    substitute, refund, back = offered(WITH_SUBSTITUTE).shortages
    assert no(substitute.no, Rule.SUBSTITUTE_POLICY) and not refund.no and not back.no
    allowed = offered(WITH_SUBSTITUTE, policy=ChainPolicy(substitution=True))
    assert not allowed.shortages[0].no and [each.key for each in allowed.substitutes] == ["IBU"]
    assert offered(policy=ChainPolicy(substitution=True)).shortages[0].no, "nothing stands in for it"


def test_an_insured_order_takes_neither_substitutes_nor_waivers() -> None:
    insured = offered(WITH_SUBSTITUTE, policy=ChainPolicy(substitution=True), insured=True)
    assert no(insured.shortages[0].no, Rule.SUBSTITUTE_INSURED)
    assert insured.waivers and all(no(each.no, Rule.WAIVER_INSURED) for each in insured.waivers)


def test_only_what_has_no_codes_is_exempt_and_needs_no_photo() -> None:
    usual, herb = offered(), offered(msgspec.structs.replace(AMOXICILLIN, code_policy=CodePolicy.NONE))
    assert [each.key for each in usual.waivers] == [Waiver.DAMAGED, Waiver.NO_CODE] and usual.photo
    assert [each.key for each in herb.waivers] == [Waiver.EXEMPT] and not herb.photo
