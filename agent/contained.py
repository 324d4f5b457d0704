"""What headquarters' word about stock does not contain: it names the newest operation that it had heard of each life of
this store's data, and operations are sent in the order of their numbers (facts/sync.md R16).

An order's operations that wait behind one which did not pass the door are not heard, whatever their numbers.
"""

from collections.abc import Mapping

import msgspec

from agent import incarnation, outbox
from agent.transactions import Reading
from domain.operations import GoodsExchanged, OperationBody, PickCompleted, decode_body

_BEHIND = f"order_id IN (SELECT order_id FROM outbox WHERE {outbox.HOLDS})"
_NOT_IN_IT = (
    f"number IN (SELECT number FROM outbox WHERE state = 'pending' AND (number > :sent OR {_BEHIND})"
    " UNION ALL SELECT number FROM outbox WHERE number > :done AND state = 'done'"
    f" UNION ALL SELECT number FROM outbox WHERE {outbox.UNDELIVERED})"
)
"""By indexes alone: a page of levels must not read the outbox of weeks for each."""
_ABOUT = (
    f"CASE WHEN kind IN ('{PickCompleted.kind}', '{GoodsExchanged.kind}')"
    " THEN order_id IN (SELECT order_id FROM lines WHERE sku = :sku)"
    " ELSE instr(body, :named) END"
)


def missing_in(reading: Reading, heard: Mapping[str, int], sku: str | None = None) -> list[OperationBody]:
    """What this program did, in that order; of one product, as far as that can be told from outside. What was settled
    in an earlier life of these data is in it: of that no number speaks."""
    sent = heard.get(incarnation.known(reading), 0)
    of: dict[str, str | int | bytes] = {"sent": sent, "done": max(sent, incarnation.began_after(reading))}
    which = f"SELECT * FROM outbox WHERE {_NOT_IN_IT}"
    if sku is not None:
        which += f" AND {_ABOUT}"
        of.update(sku=sku, named=msgspec.json.encode(sku))
    return [decode_body(each) for each in outbox.chosen(reading, which, of) if outbox.is_known(each)]


def unheard(reading: Reading) -> list[OperationBody]:
    """For a word that does not say what it contains: everything that nobody answered."""
    return [decode_body(each) for each in outbox.unheard(reading) if outbox.is_known(each)]
