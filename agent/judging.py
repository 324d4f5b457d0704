"""What was scanned, judged and kept: the scan, its verdict and its effect in one transaction, before any sound.

Which pick a scan belongs to: the one it names, else the one opened last at its device or on the page, else the only
one in work, else the only waiting order that wants the product. A scanner alone is enough: the code of a slip opens its
pick, and the last pack completes it.
"""

import msgspec

from agent import announcements, completing, names, orders, outbox, picks, slips, store
from agent.catalogue import Lookup
from agent.errors import NotNow
from agent.staff import stations
from agent.transactions import Transaction
from domain.codes import BadgeCode, Code, CustomerCode, OrderCode, classify, unique_part
from domain.operations import PickStarted
from domain.orders import Order, OrderState
from domain.picks import Pick, PickState
from domain.rules import Case, Known, Rule, Terms, Verdict, book, judge, take
from domain.times import CHINA, SECOND, Millis, to_datetime

PAGE = stations.PAGE
"""Where it is done, while a page does not say which it is."""
JUST_NOW: Millis = 5 * SECOND


class Scanned(msgspec.Struct, frozen=True):
    """The answer to one scan. `order_id` is the order it was judged for, None when there was none."""

    scan_id: int | None
    """None for what a customer shows, and for a badge: nothing of them is kept."""
    code: Code
    verdict: Verdict
    order_id: str | None


def scan(
    tx: Transaction,
    raw: bytes,
    device: str,
    lookup: Lookup,
    *,
    read_at: Millis | None = None,
    order_id: str | None = None,
) -> Scanned:
    """Every scan has a verdict and, but for customers' codes and badges, a row. `order_id` is what the page shows."""
    code = classify(raw.decode("utf-8", "replace"))
    if isinstance(code, CustomerCode | BadgeCode):
        return Scanned(None, code, book.verdict(Rule.PAYMENT), None)
    if isinstance(code, OrderCode):
        judged_for, verdict = _open_pick(tx, code, device)
        scan_id = _write_down(tx, raw, device, tx.now if read_at is None else read_at, judged_for, verdict)
        return Scanned(scan_id, code, verdict, judged_for)
    judged_for = order_id or _at_hand(tx, device, lookup.skus(code))
    if judged_for is not None:
        announcements.seen(tx, judged_for)  # the verdict says what has become of the order
    case = None if judged_for is None else _case(tx, judged_for, code, lookup)
    verdict = book.verdict(Rule.NOT_PICKING) if case is None else judge(case)
    taken = take(case, verdict) if case is not None and verdict.good else None
    last = taken is not None and completing.may_complete(tx, taken)
    if last:
        verdict = msgspec.structs.replace(verdict, sentence=f"{verdict.sentence}，本单拣货完成")
    scan_id = _write_down(tx, raw, device, tx.now if read_at is None else read_at, judged_for, verdict)
    if taken is not None:
        picks.bind(tx, taken.order_id, taken.bindings[-1], scan_id=scan_id)
    if taken is not None and last:
        completing.complete(tx, taken.order_id)
    return Scanned(scan_id, code, verdict, judged_for)


def start(tx: Transaction, order: Order, device: str) -> Pick:
    """Raises NotNow with what the clerk must do instead."""
    pick = picks.load(tx, order.order_id)
    if pick.state is PickState.ASSIGNED:
        if not orders.workable(order, store.identity(tx).accept):
            raise NotNow(
                f"订单{names.STATES[order.state]}，" + ("请先接单" if order.state is OrderState.PLACED else "不能拣货")
            )
        pick = picks.advance(tx, pick, PickState.PICKING)
        outbox.put(tx, PickStarted(order.order_id), order.order_id)
    elif pick.state is not PickState.PICKING:
        raise NotNow(_REFUSALS[pick.state].sentence)
    announcements.seen(tx, order.order_id)
    _sit_down(tx, device, order.order_id)
    return pick


_REFUSALS = {
    PickState.PAUSED: book.verdict(Rule.PAUSED),
    PickState.STOPPED: book.verdict(Rule.STOPPED),
    PickState.CHECKED: Verdict(Rule.NOT_PICKING, "本单已复核，等待打包"),
    PickState.PACKED: Verdict(Rule.NOT_PICKING, "本单已拣货完成"),
    PickState.HANDED_OVER: Verdict(Rule.NOT_PICKING, "本单已交接"),
}


def _open_pick(tx: Transaction, code: OrderCode, device: str) -> tuple[str | None, Verdict]:
    """The slip lies in somebody's hand, so it did print."""
    order = orders.with_code(tx, code.code)
    if order is None:
        return None, Verdict(Rule.UNREADABLE, "不是本店的订单")
    slips.seen(tx, order.order_id)
    state = picks.load(tx, order.order_id).state
    try:
        start(tx, order, device)
    except NotNow as refusal:
        return order.order_id, _REFUSALS.get(state, Verdict(Rule.NOT_PICKING, str(refusal)))
    return order.order_id, Verdict(Rule.TAKEN, f"开始拣货：{names.shouted(order)}")


def _case(tx: Transaction, order_id: str, code: Code, lookup: Lookup) -> Case:
    """What this store knows now of the pick and of what was read."""
    pick, unique = picks.load(tx, order_id), unique_part(code)
    known = Known(
        products=lookup.products(code),
        bound_to=picks.bound_to(tx, unique, order_id) if unique else None,
        sold_at=picks.sold_at(tx, unique) if unique else None,
    )
    wanted = lookup.of_skus(line.sku for line in pick.lines if line.sku is not None)
    return Case(pick, code, known, Terms(to_datetime(tx.now).astimezone(CHINA).date(), products=wanted))


def _at_hand(tx: Transaction, device: str, skus: frozenset[str]) -> str | None:
    """The pick a scan without a name is for. A cancelled one still answers, so that the picker hears of it."""
    row = tx.db.execute(
        "SELECT order_id, state, completed_at FROM desks JOIN picks USING (order_id) WHERE device IN (?, ?)"
        " ORDER BY turn DESC",
        (device, PAGE),
    ).fetchone()
    if row is None:
        rows = tx.db.execute("SELECT order_id FROM picks WHERE state = 'picking' LIMIT 2").fetchall()
        if rows:
            return str(rows[0]["order_id"]) if len(rows) == 1 else None
    elif row["state"] != PickState.PACKED or _one_too_many(tx, row["order_id"], row["completed_at"], skus):
        return str(row["order_id"])
    return _begin_the_only_one(tx, device, skus)


def _one_too_many(tx: Transaction, order_id: str, completed_at: Millis, skus: frozenset[str]) -> bool:
    """A pack more of what was just completed belongs to that order, not to the next one that wants it."""
    order = orders.get(tx, order_id)
    return tx.now - completed_at < JUST_NOW and any(line.sku in skus for line in order.lines)


def _begin_the_only_one(tx: Transaction, device: str, skus: frozenset[str]) -> str | None:
    """Nobody picks, and of all waiting orders just one wants this product: no slip need be scanned for it.
    Where several want it, the slip in the clerk's hand says which."""
    rows = tx.db.execute(
        "SELECT order_id, state FROM picks WHERE state IN ('assigned', 'picking', 'paused')"
    ).fetchall()
    if any(row["state"] != PickState.ASSIGNED for row in rows):
        return None
    waiting = [orders.get(tx, row["order_id"]) for row in rows]
    wanting = [order for order in waiting if any(line.wanted and line.sku in skus for line in order.lines)]
    if len(wanting) != 1 or not orders.workable(wanting[0], store.identity(tx).accept):
        return None
    start(tx, wanting[0], device)
    return wanting[0].order_id


def _sit_down(tx: Transaction, device: str, order_id: str) -> None:
    tx.db.execute(
        "INSERT INTO desks (device, order_id, turn) VALUES (?, ?, (SELECT coalesce(max(turn), 0) + 1 FROM desks))"
        " ON CONFLICT DO UPDATE SET order_id = excluded.order_id, turn = excluded.turn",
        (device, order_id),
    )


def _write_down(
    tx: Transaction, raw: bytes, device: str, read_at: Millis, order_id: str | None, verdict: Verdict
) -> int:
    row = tx.db.execute(
        "INSERT INTO scans (raw, device, read_at, judged_at, order_id, rule, sentence, line_id)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING scan_id",
        (raw, device, read_at, tx.now, order_id, verdict.rule, verdict.sentence, verdict.line_id),
    ).fetchone()
    return int(row["scan_id"])
