"""How long a prescription must be kept (facts/compliance.md §4 and R15): five years, and one beyond the goods' expiry.

The law's term is marked "strong, to be verified" there; longer than it is never wrong here, shorter would be.
"""

from datetime import date, datetime

from cloud.orders import Known
from cloud.prescriptions import records
from cloud.statements import Sql
from cloud.transaction import Transaction
from domain.times import CHINA, SECOND, Millis

YEARS, YEARS_BEYOND_EXPIRY = 5, 1
_GIVEN_OUT = Sql("SELECT count(*), max(expiry) FROM bindings WHERE chain = ? AND order_id = ? AND released_at IS NULL")


def kept_until(tx: Transaction, known: Known) -> date | None:
    """What is known of the patient goes no sooner; None where no medicine was given out on a prescription. Packs of an
    order that was cancelled before it left the store are released."""
    packs, last_expiry = _GIVEN_OUT.rows(tx.connection, tx.chain, known.order.order_id)[0]
    if not (packs or known.gone) or records.of_order(tx, known.order.order_id) is None:
        return None
    ends = [_later(_day(known.picked_at or known.received_at), YEARS)]
    if last_expiry is not None:
        ends.append(_later(date.fromisoformat(last_expiry), YEARS_BEYOND_EXPIRY))
    return max(ends)


def is_over(until: date, now: Millis) -> bool:
    return _day(now) > until


def _day(at: Millis) -> date:
    return datetime.fromtimestamp(at / SECOND, CHINA).date()


def _later(day: date, years: int) -> date:
    """The same day of the year; 29 February ends on 1 March."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)
