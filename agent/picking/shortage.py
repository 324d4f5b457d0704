"""The shelf has less than the line wants: another product, part of the money back, or the whole order given back.
A request to headquarters, which tells the channel; until its word comes the line waits."""

import msgspec

from agent import orders, outbox, picks, trail
from agent.catalogue import Lookup
from agent.errors import NotFound, NotNow
from agent.picking import holding, reported
from agent.picking.refusals import Forbidden
from agent.picking.reported import Reported
from agent.picking.terms import terms
from agent.transactions import Transaction
from agent.trial import refuse_on_trial
from domain.operations import ReportShort, ShortChoice
from domain.orders import OrderLine
from domain.picks import Pick, PickState
from domain.quantity import Quantity
from domain.rules import VERSION, Case, Obstacle, Rule, Terms, Verdict, book, may_report_short, may_substitute
from domain.staff import Actor
from domain.trail import StepKind


class Short(msgspec.Struct, frozen=True):
    line_id: int
    missing: Quantity
    choice: ShortChoice
    substitute: str = ""
    reason: str = ""


def report(tx: Transaction, order_id: str, short: Short, actor: Actor, lookup: Lookup) -> None:
    """Raises NotNow with what stands in the way."""
    holding.require(tx, order_id, actor.station)
    order, pick = orders.get(tx, order_id), picks.load(tx, order_id)
    line = next((line for line in pick.lines if line.line_id == short.line_id), None)
    if line is None:
        raise NotFound("没有这个商品")
    if pick.state not in (PickState.PICKING, PickState.ASSIGNED):
        raise NotNow("本单不在拣货中")
    if any(each.line_id == short.line_id for each in reported.of_order(tx, order_id)):
        raise NotNow("这个商品的缺货已经上报，正在等总部处理")
    refuse_on_trial(tx)
    if found := _obstacles(pick, line, short, terms(tx, order, lookup), lookup):
        raise Forbidden(found)
    _write_down(tx, order_id, short, actor)


def replaced(tx: Transaction, case: Case, verdict: Verdict) -> Verdict:
    """Another product was asked for in this one's place: what is taken now would be too much then."""
    asked = {each.line_id for each in reported.of_order(tx, case.pick.order_id) if each.substitute}
    return book.verdict(Rule.REPLACED, verdict.line_id) if verdict.good and verdict.line_id in asked else verdict


def _obstacles(pick: Pick, line: OrderLine, short: Short, by: Terms, lookup: Lookup) -> list[Obstacle]:
    found = may_report_short(pick, line, short.missing)
    if short.choice is not ShortChoice.SUBSTITUTE or found:
        return found
    if short.missing != line.wanted:
        raise NotNow("换品须整行替换：请先撤销已拣的，部分缺货请用部分退款")
    product = lookup.of_skus([short.substitute]).get(short.substitute)
    if product is None:
        raise NotFound("没有这个替换商品")
    return may_substitute(line, product, by)


def _write_down(tx: Transaction, order_id: str, short: Short, actor: Actor) -> None:
    choice, substitute, reason = short.choice, short.substitute, short.reason
    waiting = Reported(short.line_id, short.missing, choice, substitute, reason, actor.staff_id, tx.now)
    reported.put(tx, order_id, waiting)
    outbox.put(tx, ReportShort(order_id, short.line_id, short.missing, choice, substitute, reason), order_id)
    trail.record(
        tx, order_id, StepKind.SHORT, actor, rules=VERSION, line_id=short.line_id, missing=short.missing,
        choice=choice, substitute=substitute, noted=bool(reason),
    )  # fmt: skip
