"""Requests of a clerk: they may be refused, and the error's message is what the clerk reads."""

from collections.abc import Mapping, Sequence

from cloud import audit, calls, catalogue, exceptions, facts, moves, orders, placing, refunding, reservations
from cloud.agents import Agent
from cloud.channels.base import Call, CallKind, RefundedLine
from cloud.errors import HubError, UnknownException
from cloud.ledger import Movement
from cloud.orders import Known
from cloud.transaction import Transaction
from domain.exceptions import TOLD, Choice, OrderException
from domain.modes import Mode
from domain.operations import AcceptOrder, AnswerRefund, SettleException
from domain.orders import STAGE, OrderLine, OrderState
from domain.quantity import Quantity
from domain.refunds import WAITING

SHORT, PRESCRIPTION = "缺货", "处方未通过审核"
"""Why goods are given back, as the customer reads it."""


class Refused(HubError):
    """What was asked for may not be; the message is for the clerk."""


def accept_order(tx: Transaction, agent: Agent, asked: AcceptOrder) -> None:
    """接单 by the clerk. Accepted already, by whomever, is what was wanted."""
    known = orders.load_of_store(tx, agent.store, asked.order_id)
    order = known.order
    if order.state is OrderState.CANCELLED:
        raise Refused("订单已取消 / the order was cancelled")
    if STAGE[order.state] >= STAGE[OrderState.ACCEPTED]:
        return
    refuse_in_shadow(tx, order.store)
    moves.advance(tx, known, OrderState.ACCEPTED, actor=agent.device)
    call = Call(CallKind.ACCEPT, known.shop, order.channel_order_id)
    calls.enqueue(tx, order.store, order.channel, call, order.order_id)


def answer_refund(tx: Transaction, agent: Agent, asked: AnswerRefund) -> None:
    """Agreed or refused by the store; the refund itself changes when the platform took the answer."""
    known = orders.load_of_store(tx, agent.store, asked.order_id)
    refund = refunding.find(tx, asked.order_id, asked.refund_id)
    if refund is None:
        raise Refused("没有这笔退款 / there is no such refund")
    if refund.state not in WAITING:
        raise Refused(f"退款已处理 / the refund is {refund.state} already")
    refuse_in_shadow(tx, known.order.store)
    kind = CallKind.AGREE_REFUND if asked.agree else CallKind.REFUSE_REFUND
    call = Call(kind, known.shop, known.order.channel_order_id, refund_id=asked.refund_id, reason=asked.reason)
    calls.enqueue(tx, known.order.store, known.order.channel, call, asked.order_id)
    said = "agree" if asked.agree else "refuse"
    audit.append(tx, agent.store, agent.device, "refund.answer", asked.order_id, said)


def settle_exception(tx: Transaction, agent: Agent, asked: SettleException) -> None:
    """What was found was seen, even if somebody else has settled it meanwhile: it is counted here as in its store."""
    known = orders.load_of_store(tx, agent.store, asked.order_id)
    try:
        settle(tx, agent, known, asked.exception_id, asked.choice, asked.found)
    except UnknownException:
        if asked.choice is not Choice.FOUND:
            raise
        _count(tx, agent, known.order.lines, asked.exception_id, asked.found)


def settle(
    tx: Transaction, agent: Agent, known: Known, exception_id: str, choice: Choice, found: Mapping[int, Quantity]
) -> None:
    """One of the exception's own choices. What goes to the channel closes it when the channel has done it."""
    present = exceptions.find_open(tx, known.order.order_id, exception_id)
    if choice not in present.choices:
        raise Refused(f"此异常不能这样处理 / {present.kind} cannot be settled by {choice}")
    if choice in TOLD:
        refuse_in_shadow(tx, known.order.store)
    audit.append(tx, agent.store, agent.device, "exception.settle", known.order.order_id, f"{present.kind} {choice}")
    match choice:
        case Choice.FOUND:
            _found(tx, agent, known, present, found)
        case Choice.PART_REFUND:
            _give_back(tx, known, present)
        case Choice.CANCEL:
            why = PRESCRIPTION if present.kind in exceptions.ABOUT_PRESCRIPTIONS else SHORT
            call = Call(CallKind.CANCEL, known.shop, known.order.channel_order_id, reason=why)
            calls.enqueue(tx, known.order.store, known.order.channel, call, known.order.order_id)
        case Choice.SEEN:
            exceptions.close(tx, known.order.store, present, agent.device, choice.value)


def _found(tx: Transaction, agent: Agent, known: Known, present: OrderException, found: Mapping[int, Quantity]) -> None:
    """It lies there after all: an audited count of what was seen, then the rest is reserved."""
    order = known.order
    lines = [line for line in order.lines if line.line_id in present.lines and line.sku is not None]
    _count(tx, agent, lines, present.exception_id, found)
    growing = [line.line_id for line in lines]
    adjusted = reservations.adjust(tx, order, orders.lines(tx, order.order_id), growing=growing)
    after = orders.with_lines(known, adjusted)
    short = {line.line_id: line.short for line in adjusted if line.line_id in present.lines}
    exceptions.close(tx, order.store, present, agent.device, Choice.FOUND.value, short)
    exceptions.review(tx, after, by=agent.device)
    placing.doubt(tx, after.order)  # what is still not enough is a new question


def _count(
    tx: Transaction, agent: Agent, lines: Sequence[OrderLine], reference: str, found: Mapping[int, Quantity]
) -> None:
    """Only ever up: less than we knew of is a count of its own, and would take from others' promises. Its store has
    counted so too (`agent.stock.found`)."""
    for sku in sorted({line.sku for line in lines if line.sku is not None}):
        seen = max((found[one.line_id] for one in lines if one.sku == sku and one.line_id in found), default=0)
        facts.look(tx, agent.store, sku, Movement.FOUND, seen, reference)


def _give_back(tx: Transaction, known: Known, present: OrderException) -> None:
    """Part refund of what is short, or of the whole line where nobody knows the product."""
    lines = [line for line in known.order.lines if line.line_id in present.lines]
    amounts = [(line, line.wanted if line.sku is None else line.short) for line in lines]
    refunded = tuple(RefundedLine(line.channel_sku, amount) for line, amount in amounts if amount > 0)
    if not refunded:
        raise Refused("没有缺货的商品 / nothing is short")
    call = Call(CallKind.PART_REFUND, known.shop, known.order.channel_order_id, lines=refunded, reason=SHORT)
    calls.enqueue(tx, known.order.store, known.order.channel, call, known.order.order_id)


def refuse_in_shadow(tx: Transaction, store: str) -> None:
    """It would be told to the channel, and on trial nothing is: who asks must do it where the store really works."""
    if catalogue.store(tx, store).mode is Mode.SHADOW:
        raise Refused("试运行：请在原系统处理 / on trial: do it in the system the store works with")
