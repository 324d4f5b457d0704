"""Which lots a line is proposed (FEFO): nothing expired, recalled, or too near its day (R8, R9)."""

from domain.lots import Lot, propose
from domain.orders import OrderLine
from domain.picks import Pick
from domain.quantity import Quantity
from domain.rules.case import Terms
from domain.rules.families.lots import barred_lots


def proposal(pick: Pick, line: OrderLine, terms: Terms) -> tuple[tuple[Lot, Quantity], ...]:
    """For what the line still wants, nearest expiry first, each with its shelf. Never stored as a fact."""
    if line.sku is None:
        return ()
    taken: dict[str, Quantity] = {}
    for each in pick.lines:
        for binding in pick.bindings if each.sku == line.sku else ():
            if binding.line_id == each.line_id and binding.lot is not None:
                taken[binding.lot] = taken.get(binding.lot, 0) + binding.quantity
    return propose(
        terms.lots.get(line.sku, ()),
        pick.missing(line),
        terms.today,
        stops_days=terms.policy.near_expiry_stops_days,
        barred=barred_lots(terms, line.sku),
        taken=taken,
    )
