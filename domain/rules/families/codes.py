"""What kind of code was read (R2), and codes typed by hand (R12)."""

from domain.code_lists import CodeList
from domain.codes import (
    BadgeCode,
    CommandCode,
    InsuranceCode,
    OrderCode,
    OwnCode,
    PaymentCode,
    ShelfCode,
    TestCode,
    Unreadable,
)
from domain.picks import Entry
from domain.rules.answers import Ask, Verdict
from domain.rules.book import verdict
from domain.rules.case import Case
from domain.rules.ids import Rule
from domain.rules.pack import Pack

BARRED = {CodeList.RECALLED: Rule.CODE_RECALLED, CodeList.BANNED: Rule.CODE_BANNED}


def customers(case: Case) -> Verdict | None:
    """A customer's own code, of which nothing is kept."""
    match case.code:
        case PaymentCode():
            return verdict(Rule.PAYMENT)
        case InsuranceCode():
            return verdict(Rule.INSURANCE)
        case _:
            return None


def unreadable(case: Case) -> Verdict | None:
    if isinstance(case.code, Unreadable):
        return verdict(Rule.UNREADABLE, why=case.code.why)
    return verdict(Rule.OWN_CODE, what=_named(case.code)) if isinstance(case.code, OwnCode) else None


def barred(case: Case) -> Verdict | None:
    """This very pack may not be sold, whichever product it is."""
    return None if case.known.barred is None else verdict(BARRED[case.known.barred])


def typed_twice(pack: Pack) -> Verdict | None:
    """A trace code has no public check digit: a slip of the finger would be another pack."""
    if pack.case.entry is not Entry.TYPED or pack.code is None:
        return None
    if not pack.case.typed_before:
        return pack.refused(Rule.TYPE_AGAIN, ask=Ask.CODE_AGAIN)
    return None if pack.case.typed_before == pack.code else pack.refused(Rule.TYPED_DIFFERS, ask=Ask.CODE_AGAIN)


def _named(code: OwnCode) -> str:
    match code:
        case OrderCode():
            return "订单码"
        case ShelfCode():
            return "货位码"
        case BadgeCode():
            return "工牌"
        case CommandCode():
            return "操作卡"
        case TestCode():
            return "测试码"
