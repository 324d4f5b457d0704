"""The shelf has less than the line wants: another product, part of the money back, or the whole order given back.
A request to headquarters, which tells the channel; until its word comes the line waits."""

import msgspec

from agent import orders, outbox, picks, trail
from agent.catalogue import Lookup
from agent.errors import NotFound, NotNow
from agent.picking import holding
from agent.picking.refusals import Forbidden
from agent.picking.terms import terms
from agent.transactions import Reading, Topic, Transaction
from agent.trial import refuse_on_trial
from domain.operations import ReportShort, ShortChoice
from domain.orders import OrderLine
from domain.picks import Pick, PickState
from domain.quantity import Quantity
from domain.rules import VERSION, Obstacle, Terms, may_report_short, may_substitute
from domain.staff import Actor
from domain.times import Millis
from domain.trail import StepKind


class Short(msgspec.Struct, frozen=True):
    line_id: int
    missing: Quantity
    choice: ShortChoice
    substitute: str = ""
    reason: str = ""


class Reported(msgspec.Struct, frozen=True):
    """What was asked of headquarters about a line, and is not settled yet."""

    line_id: int
    missing: Quantity
    choice: ShortChoice
    substitute: str
    reason: str
    staff_id: str
    reported_at: Millis


def report(tx: Transaction, order_id: str, short: Short, actor: Actor, lookup: Lookup) -> None:
    """Raises NotNow with what stands in the way."""
    holding.require(tx, order_id, actor.station)
    order, pick = orders.get(tx, order_id), picks.load(tx, order_id)
    line = next((line for line in pick.lines if line.line_id == short.line_id), None)
    if line is None:
        raise NotFound("没有这个商品")
    if pick.state not in (PickState.PICKING, PickState.ASSIGNED):
        raise NotNow("本单不在拣货中")
    if any(each.line_id == short.line_id for each in of_order(tx, order_id)):
        raise NotNow("这个商品的缺货已经上报，正在等总部处理")
    refuse_on_trial(tx)
    if found := _obstacles(pick, line, short, terms(tx, order, lookup), lookup):
        raise Forbidden(found)
    _write_down(tx, order_id, short, actor)


def of_order(reading: Reading, order_id: str) -> tuple[Reported, ...]:
    rows = reading.db.execute(
        "SELECT line_id, missing, choice, substitute, reason, staff_id, reported_at FROM shortages WHERE order_id = ?",
        (order_id,),
    )
    return tuple(msgspec.convert(dict(row), Reported) for row in rows)


def settled(tx: Transaction, order_id: str, line_id: int | None = None) -> None:
    """Headquarters answered: the line reads differently now, or the request was refused."""
    tx.db.execute("DELETE FROM shortages WHERE order_id = ? AND line_id = coalesce(?, line_id)", (order_id, line_id))
    tx.touch(Topic.ORDERS)


def _obstacles(pick: Pick, line: OrderLine, short: Short, by: Terms, lookup: Lookup) -> list[Obstacle]:
    found = may_report_short(pick, line, short.missing)
    if short.choice is not ShortChoice.SUBSTITUTE or found:
        return found
    product = lookup.of_skus([short.substitute]).get(short.substitute)
    if product is None:
        raise NotFound("没有这个替换商品")
    return may_substitute(line, product, by)


def _write_down(tx: Transaction, order_id: str, short: Short, actor: Actor) -> None:
    tx.db.execute(
        "INSERT INTO shortages (order_id, line_id, missing, choice, substitute, reason, staff_id, reported_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            order_id,
            short.line_id,
            short.missing,
            short.choice,
            short.substitute,
            short.reason,
            actor.staff_id,
            tx.now,
        ),
    )
    said = ReportShort(order_id, short.line_id, short.missing, short.choice, short.substitute, short.reason)
    outbox.put(tx, said, order_id)
    trail.record(tx, order_id, StepKind.SHORT, actor, rules=VERSION, **msgspec.structs.asdict(short))
    tx.touch(Topic.ORDERS)
