"""What each kind of fact does at the hub. A fact has happened in the store, so it is always recorded; where it took
goods that were promised to an order, that order loses its promise and gets an exception."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import select

from cloud import audit, calls, catalogue, eventlog, exceptions, lots, moves, orders, reservations, tables
from cloud.agents import Agent
from cloud.channels.base import Call, CallKind
from cloud.codes import news as code_news
from cloud.erp import writing
from cloud.ledger import Movement
from cloud.orders import Known
from cloud.statements import Sql, insert
from cloud.stock import Sheet
from cloud.transaction import StockKey, Transaction
from domain.events import store_log
from domain.exceptions import ExceptionKind
from domain.modes import Mode
from domain.operations import (
    Operation,
    OrderHandedOver,
    PickCompleted,
    PickStarted,
    SaleRecorded,
    SlipChanged,
    StockCounted,
)
from domain.orders import STAGE, OrderState
from domain.picks import Binding
from domain.quantity import Quantity
from domain.slips import SlipKind, SlipState
from domain.times import Millis

BINDING = insert(
    tables.bindings,
    "chain", "order_id", "place", "line_id", "code", "quantity", "lot", "lot_source", "store", "at", "expiry",
    "month_only", "entry", "waiver", "photo", "opened", "staff_id", "released_at",
)  # fmt: skip
_BOUND = Sql(
    """SELECT code, min(opened) FROM bindings
    WHERE chain = ? AND code = ANY(?) AND order_id <> ? AND released_at IS NULL GROUP BY code"""
)
_FREED = Sql("SELECT line_id, code, opened FROM bindings WHERE chain = ? AND order_id = ? AND released_at IS NOT NULL")
_SOLD_AFTER_ALL = Sql("UPDATE bindings SET released_at = NULL WHERE chain = ? AND order_id = ?")
_LATEST = Sql(
    """SELECT number FROM operations WHERE chain = ? AND store = ? AND device = ? AND incarnation = ? AND kind <> ?
    ORDER BY number DESC LIMIT 1"""
)
_SALE = Sql(
    """INSERT INTO sales (chain, store, sale_id, lines, at) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (chain, store, sale_id) DO NOTHING"""
)
_SLIP = Sql(
    """INSERT INTO slips (chain, slip_id, store, order_id, kind, copy, state, evidence, cause, printer, at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (chain, slip_id) DO UPDATE SET state = excluded.state, evidence = excluded.evidence,
    cause = excluded.cause, printer = excluded.printer, at = excluded.at"""
)
_STEPS = Sql("SELECT count(*) FROM slip_steps WHERE chain = ? AND slip_id = ?")
_STEP = insert(tables.slip_steps, "chain", "slip_id", "place", "state", "cause", "printer", "at")


def pick_started(tx: Transaction, agent: Agent, fact: PickStarted) -> None:
    audit.append(tx, agent.store, agent.device, "pick.started", fact.order_id)


def pick_completed(tx: Transaction, agent: Agent, fact: PickCompleted) -> None:
    """What is in the bag has left the shelf: the promise becomes a movement, even if the order is gone meanwhile."""
    known = orders.load_of_store(tx, agent.store, fact.order_id)
    audit.append(tx, agent.store, agent.device, "pick.completed", fact.order_id, f"{len(fact.bindings)} packs")
    if known.picked_at is not None:
        return  # the store told it twice under two keys: it is one bag
    _bind(tx, known, fact)
    _take_from_shelf(tx, known, fact)
    code_news.put(tx, [one.code for one in fact.bindings if not one.opened])
    writing.packed(tx, known.order, fact)
    order = known.order
    if order.state is OrderState.CANCELLED:
        orders.put(tx, order.order_id, picked_at=tx.now)
        exceptions.open_or_widen(tx, order.store, order.order_id, ExceptionKind.CANCELLED_LATE)
        return
    state = OrderState.PICKED if STAGE[order.state] < STAGE[OrderState.PICKED] else order.state
    orders.put_state(tx, order.order_id, state, there=_untold(tx, known), picked_at=tx.now)
    call = Call(CallKind.PICKED, known.shop, order.channel_order_id)
    calls.enqueue(tx, order.store, order.channel, call, order.order_id)
    exceptions.close_kinds(tx, order, exceptions.ABOUT_GOODS | {ExceptionKind.NOT_APPLIED}, by=agent.device)


def _untold(tx: Transaction, known: Known) -> OrderState | None:
    """The state that the channel is left believing while its store is on trial (shadow mode): then facts are recorded
    here and not told to the channel. None: the channel is told."""
    return known.there if catalogue.store(tx, known.order.store).mode is Mode.SHADOW else None


def _bind(tx: Transaction, known: Known, fact: PickCompleted) -> None:
    """Binds the packs to the order, and opens an exception where one was sold before. If the order was cancelled
    meanwhile its packs lie in the store and are free again at once, unless the rider took them."""
    free = known.order.state is OrderState.CANCELLED and not known.gone
    twice = set() if free else sold_twice(tx, fact.order_id, fact.bindings)
    store, released_at = known.order.store, tx.now if free else None
    BINDING.run(
        tx.connection,
        [binding_row(tx, fact.order_id, place, one, store, released_at) for place, one in enumerate(fact.bindings)],
    )
    if twice:
        lines = {one.line_id for one in fact.bindings if one.code in twice}
        exceptions.open_or_widen(tx, known.order.store, fact.order_id, ExceptionKind.CODE_SOLD_TWICE, lines)


def sold_twice(tx: Transaction, order_id: str, bindings: Iterable[Binding]) -> set[str]:
    """The codes among these that were sold before. Parts of one opened pack may go to many orders; a pack that was sold
    whole, or over a counter, may go to no other."""
    codes = {one.code: one.opened for one in bindings if one.code is not None}
    rows = _BOUND.rows(tx.connection, tx.chain, sorted(codes), order_id) if codes else ()
    bound = {code for code, always_opened in rows if not (codes[code] and always_opened)}
    return bound | code_news.were_sold(tx, [code for code, opened in codes.items() if not opened])


def binding_row(
    tx: Transaction, order_id: str, place: int, one: Binding, store: str, released_at: Millis | None
) -> tuple[Any, ...]:
    return (
        tx.chain, order_id, place, one.line_id, one.code, one.quantity, one.lot, one.lot_source, store, tx.now,
        one.expiry and one.expiry.isoformat(), int(one.month_only), one.entry.value, one.waiver and one.waiver.value,
        one.photo, int(one.opened), one.staff_id, released_at,
    )  # fmt: skip


def _take_from_shelf(tx: Transaction, known: Known, fact: PickCompleted) -> None:
    """The order's own promises end first; if the bag took more than those, the newest of others give way."""
    order = known.order
    sku_of = {line.line_id: line.sku for line in order.lines}
    packed: dict[str, Quantity] = defaultdict(int)
    for one in fact.bindings:
        sku = sku_of.get(one.line_id)
        if sku is not None:
            packed[sku] += one.quantity
    promised = {have.key[1] for have in reservations.held(tx, order.order_id).values()}
    sheet = Sheet.of_facts(tx, order.store, packed.keys() | promised)
    reservations.end(tx, sheet, order.order_id, reservations.held(tx, order.order_id), "consumed")
    for sku, quantity in packed.items():
        sheet.move((order.store, sku), Movement.PICK, -quantity, order.order_id)
    settle_losses(tx, order.store, sheet, [(order.store, sku) for sku in packed])
    lots.take(tx, order.store, sku_of, fact.bindings)


def settle_losses(tx: Transaction, store: str, sheet: Sheet, keys: Iterable[StockKey]) -> None:
    """Writes the sheet after facts; every order that lost what it was promised gets an exception."""
    losses = reservations.cover(tx, sheet, keys)
    sheet.write()
    for (_, sku), each in sheet.corrected:
        if each.kind is Movement.CORRECTION:
            writing.corrected(tx, store, sku, each.reference, each.delta)
    by_order: dict[str, list[int]] = defaultdict(list)
    for loss in losses:
        by_order[loss.order_id].append(loss.line_id)
    for order_id, lines in by_order.items():
        audit.append(tx, store, "hub", "order.oversold", order_id, f"lines {sorted(lines)}")
        exceptions.open_or_widen(tx, store, order_id, ExceptionKind.OVERSOLD, lines, _promised_at(tx, order_id))


def _promised_at(tx: Transaction, order_id: str) -> Millis | None:
    o = tables.orders.c
    query = select(o.promised_at).where(o.chain == tx.chain, o.order_id == order_id)
    promised_at: Millis | None = tx.connection.execute(query).scalar_one()
    return promised_at


def handed_over(tx: Transaction, agent: Agent, fact: OrderHandedOver) -> None:
    known = orders.load_of_store(tx, agent.store, fact.order_id)
    if STAGE[known.order.state] < STAGE[OrderState.HANDED_OVER]:
        moves.advance(tx, known, OrderState.HANDED_OVER, actor=agent.device, there=_untold(tx, known))
        return
    if known.order.state is OrderState.CANCELLED:
        _went_out(tx, known)
    audit.append(tx, agent.store, agent.device, "order.handed_over", fact.order_id, f"was {known.order.state}")


def _went_out(tx: Transaction, known: Known) -> None:
    """A cancelled order left the store before the store heard of the cancellation: its codes, freed by then, are sold
    after all, and a recall must find them. One that was sold again meanwhile becomes an exception."""
    order = known.order
    freed = _FREED.rows(tx.connection, tx.chain, order.order_id)
    codes = sorted({code for _, code, opened in freed if code is not None and not opened})
    again = {code for code, _ in (_BOUND.rows(tx.connection, tx.chain, codes, order.order_id) if codes else ())}
    _SOLD_AFTER_ALL.run(tx.connection, [(tx.chain, order.order_id)])
    code_news.put(tx, codes)
    if lines := {line_id for line_id, code, _ in freed if code in again}:
        exceptions.open_or_widen(tx, order.store, order.order_id, ExceptionKind.CODE_SOLD_TWICE, lines)


def slip_changed(tx: Transaction, agent: Agent, fact: SlipChanged) -> None:
    evidence = fact.evidence.value if fact.evidence is not None else None
    _SLIP.run(
        tx.connection,
        [
            (
                tx.chain, fact.slip_id, agent.store, fact.order_id, fact.slip.value, fact.copy, fact.state.value,
                evidence, fact.cause, fact.printer, tx.now,
            )
        ],
    )  # fmt: skip
    _keep_steps(tx, fact)
    if fact.state is SlipState.PRINTED and fact.slip is SlipKind.PICKING:
        orders.put_printed(tx, fact.order_id)
    said = f"{fact.slip} {fact.state} {evidence or fact.cause}".strip()
    audit.append(tx, agent.store, agent.device, "slip.changed", fact.order_id or fact.slip_id, said)


def _keep_steps(tx: Transaction, fact: SlipChanged) -> None:
    (known,) = _STEPS.rows(tx.connection, tx.chain, fact.slip_id)
    rows = [
        (tx.chain, fact.slip_id, place, step.state.value, step.cause, step.printer, step.at)
        for place, step in enumerate(fact.steps, start=known[0] + 1)
    ]
    _STEP.run(tx.connection, rows)


def sale_recorded(tx: Transaction, agent: Agent, fact: SaleRecorded, key: str) -> None:
    """Sold over the counter; the same sale under another key is the same sale."""
    row = (tx.chain, agent.store, fact.sale_id, msgspec.json.encode(fact.lines), tx.now)
    if _SALE.run(tx.connection, [row]) == 0:
        return
    sold: dict[str, Quantity] = defaultdict(int)
    for line in fact.lines:
        sold[line.sku] += line.quantity
    sheet = Sheet.of_facts(tx, agent.store, sold)
    for sku, quantity in sold.items():
        sheet.move((agent.store, sku), Movement.SALE, -quantity, key)
    codes = [code for line in fact.lines for code in line.codes]
    code_news.sold_over_counter(tx, agent.store, f"sale:{fact.sale_id}", codes)
    audit.append(tx, agent.store, agent.device, "sale.recorded", fact.sale_id, f"{len(fact.lines)} lines")
    settle_losses(tx, agent.store, sheet, [(agent.store, sku) for sku in sold])
    writing.sold(tx, agent.store, fact)


def stock_counted(tx: Transaction, agent: Agent, fact: StockCounted, operation: Operation) -> None:
    """Sets on hand to what was counted. A count made before the store knew a level that headquarters has set since can
    only lower it (facts/oms.md §11). Movements that the store made after the count, and that took effect here before
    it, still count (`cloud.ledger`)."""
    late = set_since(tx, agent.store, fact.sku, fact.seen)
    kind = Movement.LATE_COUNT if late else Movement.COUNT
    delta = look(tx, agent.store, fact.sku, kind, fact.counted, operation.key)
    writing.counted(tx, agent.store, operation.key, fact.sku, delta, fact.reason)
    said = f"counted {fact.counted}{', late' if late else ''}"
    audit.append(tx, agent.store, agent.device, "stock.counted", fact.sku, said)


def look(tx: Transaction, store: str, sku: str, kind: Movement, seen: Quantity, reference: str) -> Quantity:
    """Returns by how much it changed what was known."""
    sheet = Sheet.of_facts(tx, store, [sku])
    changed = sheet.look((store, sku), kind, seen, reference)
    settle_losses(tx, store, sheet, [(store, sku)])
    return changed


def overtaken(tx: Transaction, agent: Agent, operation: Operation) -> bool:
    """Whether an operation of another kind, which the same device did later, came here before this one."""
    latest = _LATEST.rows(
        tx.connection, tx.chain, agent.store, agent.device, agent.incarnation, operation.kind
    )  # numbers of another incarnation of its data say nothing about this one's
    return bool(latest) and latest[0][0] > operation.number


def set_since(tx: Transaction, store: str, sku: str, seen: int) -> bool:
    """Whether headquarters set this product's level after event `seen` of the store's log. Also True where it may have:
    the events since were compacted away, or the hub was restored since."""
    head = eventlog.heads(tx.connection, tx.chain, [store_log(store)])
    if head and seen < head[0].floor:
        return True
    e = tables.events.c
    query = select(e.body).where(e.chain == tx.chain, e.log == store_log(store), e.seq > seen, e.kind == "stock.set")
    decode = msgspec.json.Decoder(_SkuOnly).decode
    return any(decode(body).sku == sku for body in tx.connection.execute(query).scalars())


class _SkuOnly(msgspec.Struct):
    sku: str
