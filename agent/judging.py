"""What was scanned, judged and kept: the scan, its verdict and its effect in one transaction, before any sound.

Which pick a scan belongs to: the one it names, else the one opened last at its device or on the page, else the only
one in work. A scanner alone is enough: the code of a slip opens its pick.
"""

import msgspec

from agent import names, orders, outbox, picks, slips, store
from agent.catalogue import Lookup
from agent.errors import NotNow
from agent.transactions import Transaction
from domain.codes import Code, OrderCode, classify
from domain.operations import PickStarted
from domain.orders import Order, OrderState
from domain.picks import Pick, PickState, Rule, Sighting, Verdict, judge, take, unique_part
from domain.times import Millis

PAGE = ""
"""The device of what is done on the page."""


class Scanned(msgspec.Struct, frozen=True):
    """The answer to one scan. `order_id` is the order it was judged for, None when there was none."""

    scan_id: int
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
    """Every scan has a verdict and a row. `order_id` is for the page, which knows what it shows."""
    code = classify(raw.decode("utf-8", "replace"))
    if isinstance(code, OrderCode):
        judged_for, verdict = _open_pick(tx, code, device)
    else:
        judged_for = order_id or _at_hand(tx, device)
        verdict = _judge(tx, judged_for, code, lookup)
    scan_id = _write_down(tx, raw, device, tx.now if read_at is None else read_at, judged_for, verdict)
    if judged_for is not None and verdict.line_id is not None and verdict.good:
        bound = take(Pick(judged_for, PickState.PICKING, ()), verdict, code).bindings[0]
        picks.bind(tx, judged_for, bound, scan_id=scan_id)
    return Scanned(scan_id, code, verdict, judged_for)


def start(tx: Transaction, order: Order, device: str) -> Pick:
    """Raises NotNow with what the clerk must do instead."""
    pick = picks.load(tx, order.order_id)
    if pick.state is PickState.WAITING:
        if not orders.workable(order, store.identity(tx).accept):
            raise NotNow(
                f"订单{names.STATES[order.state]}，" + ("请先接单" if order.state is OrderState.PLACED else "不能拣货")
            )
        pick = picks.advance(tx, pick, PickState.PICKING)
        outbox.put(tx, PickStarted(order.order_id), order.order_id)
    elif pick.state is not PickState.PICKING:
        raise NotNow(_REFUSALS[pick.state].sentence)
    _sit_down(tx, device, order.order_id)
    return pick


_REFUSALS = {
    PickState.PAUSED: Verdict(Rule.PAUSED, "顾客申请退款，请先处理"),
    PickState.STOPPED: Verdict(Rule.STOPPED, "订单已取消，停止拣货"),
    PickState.COMPLETED: Verdict(Rule.NOT_PICKING, "本单已拣货完成"),
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


def _judge(tx: Transaction, order_id: str | None, code: Code, lookup: Lookup) -> Verdict:
    if order_id is None:
        return Verdict(Rule.NOT_PICKING, "请先扫描小票上的订单码")
    unique = unique_part(code)
    sighting = Sighting(
        skus=lookup(code),
        bound_to=picks.bound_to(tx, unique, order_id) if unique else None,
        sold_at=picks.sold_at(tx, unique) if unique else None,
    )
    return judge(picks.load(tx, order_id), code, sighting)


def _at_hand(tx: Transaction, device: str) -> str | None:
    row = tx.db.execute(
        "SELECT order_id FROM desks WHERE device IN (?, ?) ORDER BY turn DESC LIMIT 1", (device, PAGE)
    ).fetchone()
    if row is not None:
        return str(row["order_id"])
    rows = tx.db.execute("SELECT order_id FROM picks WHERE state = 'picking' LIMIT 2").fetchall()
    return str(rows[0]["order_id"]) if len(rows) == 1 else None


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
