"""What kind of code was read (R2)."""

from domain.codes import CustomerCode, OrderCode, OwnCode, Unreadable
from domain.rules.answers import Verdict
from domain.rules.book import verdict
from domain.rules.case import Case
from domain.rules.ids import Rule


def customers(case: Case) -> Verdict | None:
    """A customer's own code, of which nothing is kept."""
    return verdict(Rule.PAYMENT) if isinstance(case.code, CustomerCode) else None


def unreadable(case: Case) -> Verdict | None:
    if isinstance(case.code, Unreadable):
        return verdict(Rule.UNREADABLE, why=case.code.why)
    if isinstance(case.code, OwnCode):
        return verdict(Rule.OWN_CODE, what="订单码" if isinstance(case.code, OrderCode) else "店内码")
    return None
