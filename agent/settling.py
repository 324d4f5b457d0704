"""The clerk's answers to exceptions and refunds: requests, which the hub may refuse; the order then says so."""

import msgspec

from agent import orders, outbox, stock, trail
from agent.errors import NotFound, NotNow
from agent.transactions import Reading, Topic, Transaction
from agent.trial import refuse_on_trial
from domain.exceptions import TOLD, Choice, ExceptionKind
from domain.operations import AnswerRefund, SettleException
from domain.orders import OrderLine
from domain.quantity import LARGEST, Quantity
from domain.refunds import WAITING, RefundState
from domain.staff import Actor
from domain.trail import StepKind

_STOPS_PICKING = frozenset({ExceptionKind.SHORT, ExceptionKind.UNKNOWN_PRODUCT, ExceptionKind.OVERSOLD})
_GOES_ON = (Choice.FOUND, Choice.SEEN)
"""With these the clerk has the goods in hand; the others wait for the hub's word."""


def settle_exception(
    tx: Transaction, exception_id: str, choice: Choice, found: dict[int, Quantity] | None = None
) -> None:
    """FOUND says how much of each line is on the shelf; from then on that, not the hub's count, is what is short."""
    row = tx.db.execute("SELECT * FROM exceptions WHERE exception_id = ?", (exception_id,)).fetchone()
    if row is None:
        raise NotFound(f"没有这个异常：{exception_id}")
    if row["closed_at"] is not None or row["choice"] is not None:
        raise NotNow("这个异常已经处理")
    if choice not in msgspec.json.decode(row["choices"]):
        raise NotNow("不能这样处理")
    if choice in TOLD:
        refuse_on_trial(tx)
    found = found or {}
    if choice is Choice.FOUND:
        _find(tx, row["order_id"], msgspec.json.decode(row["lines"], type=tuple[int, ...]), found)
    tx.db.execute(
        "UPDATE exceptions SET choice = ?, chosen_at = ? WHERE exception_id = ?", (choice, tx.now, exception_id)
    )
    outbox.put(tx, SettleException(exception_id, row["order_id"], choice, found), row["order_id"])
    tx.touch(Topic.ORDERS)


def answer_refund(
    tx: Transaction, order_id: str, refund_id: str, agree: bool, reason: str = "", actor: Actor = trail.NOBODY
) -> None:
    """The pick stays paused until the platform's word comes back."""
    row = tx.db.execute(
        "SELECT state, answer FROM refunds WHERE order_id = ? AND refund_id = ?", (order_id, refund_id)
    ).fetchone()
    if row is None:
        raise NotFound(f"没有这笔退款：{refund_id}")
    if RefundState(row["state"]) not in WAITING or row["answer"] is not None:
        raise NotNow("这笔退款已经答复")
    refuse_on_trial(tx)
    if not agree and not reason.strip():
        raise NotNow("拒绝退款请填写原因")
    tx.db.execute(
        "UPDATE refunds SET answer = ?, answered_at = ? WHERE order_id = ? AND refund_id = ?",
        ("agree" if agree else "refuse", tx.now, order_id, refund_id),
    )
    outbox.put(tx, AnswerRefund(order_id, refund_id, agree, reason), order_id)
    trail.record(tx, order_id, StepKind.REFUND, actor, refund_id=refund_id, answer="agree" if agree else "refuse")
    tx.touch(Topic.ORDERS)


def needed(reading: Reading, order_id: str, line: OrderLine) -> bool:
    """A person must still say what becomes of this line. What part refunds took off is no longer short."""
    if line.wanted == 0:
        return False
    return line.short > line.struck or _open_for(reading, order_id, line.line_id)


def _open_for(reading: Reading, order_id: str, line_id: int) -> bool:
    rows = reading.db.execute(
        "SELECT kind, lines, choice FROM exceptions WHERE order_id = ? AND closed_at IS NULL", (order_id,)
    )
    for row in rows:
        lines = msgspec.json.decode(row["lines"], type=tuple[int, ...])
        if row["kind"] in _STOPS_PICKING and row["choice"] not in _GOES_ON and (not lines or line_id in lines):
            return True
    return False


def _find(tx: Transaction, order_id: str, lines: tuple[int, ...], found: dict[int, Quantity]) -> None:
    order = orders.get(tx, order_id)
    about = {line.line_id: line for line in order.lines if not lines or line.line_id in lines}
    if not found or not set(found) <= set(about) or any(not 0 <= count <= LARGEST for count in found.values()):
        raise NotNow("请填写每种商品实际找到的数量")
    still_short = {
        line_id: about[line_id].struck + max(about[line_id].wanted - count, 0) if count < about[line_id].wanted else 0
        for line_id, count in found.items()
    }
    orders.set_lines(tx, order_id, "short", still_short)
    for line_id, count in found.items():
        if (sku := about[line_id].sku) is not None:
            stock.found(tx, sku, count)
