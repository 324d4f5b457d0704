"""Operations of the stores: each applied once, for ever. A fact is never refused and never stops its store's outbox:
one that no rule can take is set aside (`cloud.set_aside.entries`). A request may be refused, with a reason."""

import hashlib
import logging

import msgspec

from cloud import (
    exchanging,
    facts,
    goods,
    learning,
    requests,
    returning,
    shortage,
    tables,
    trails,
)
from cloud.agents import Agent
from cloud.database import is_passing
from cloud.erp import feeds as erp_feeds
from cloud.erp import operations as erp_operations
from cloud.errors import HubError, UnknownOrder
from cloud.people import roster, staffing
from cloud.prescriptions import deciding
from cloud.set_aside import entries as set_aside
from cloud.set_aside.entries import Failure, Reason
from cloud.statements import Sql, insert
from cloud.transaction import Cause, Transaction
from domain.operations import (
    BODIES,
    AcceptOrder,
    AnswerRefund,
    ErpAnswered,
    ErpCounted,
    ErpDocumented,
    ErpReceived,
    ErpSold,
    GoodsExchanged,
    GoodsReceived,
    GoodsReturned,
    LotMoved,
    OnDutyChanged,
    Operation,
    OperationBody,
    OrderHandedOver,
    PickCompleted,
    PickStarted,
    PinChanged,
    PrefixLearned,
    PrescriptionDecided,
    ReportShort,
    SaleRecorded,
    SettleException,
    SlipChanged,
    StockCounted,
    TrailGrown,
    UnknownOperation,
    decode_body,
)
from domain.protocol import Outcome, OutcomeState
from domain.quantity import LARGEST

log = logging.getLogger(__name__)

_BEFORE = Sql("SELECT body_hash, outcome FROM operations WHERE chain = ? AND store = ? AND key = ?")
_KEEP = insert(
    tables.operations,
    "chain", "store", "key", "device", "incarnation", "number", "kind", "v", "order_id", "body", "body_hash",
    "outcome", "at", "received_at",
)  # fmt: skip
_decode_outcome = msgspec.json.Decoder(Outcome).decode
ABSURD = "数量不合理 / an absurd quantity"
UNREADABLE = "操作内容读不懂 / the operation cannot be read"
BROKE = "总部处理时出错，请联系总部 / headquarters could not do it: call them"
_NUL = b"\\u0000"
"""A NUL character as JSON writes it; PostgreSQL's text cannot hold one."""


def apply(tx: Transaction, agent: Agent, operation: Operation) -> Outcome:
    """Applies an operation once. The same key is given its first answer for ever, whichever device of the store sends
    it; with another body it is answered as reused."""
    if "\0" in f"{operation.key}{operation.kind}{operation.order_id}":
        return Outcome(operation.key, OutcomeState.REFUSED, UNREADABLE)  # no agent of ours writes such a one
    body_hash = _hash(operation)
    before = _before(tx, agent, operation.key)
    if before is not None:
        stored_hash, outcome = before
        return outcome if stored_hash == body_hash else _reused(tx, agent, operation, body_hash)
    outcome = _outcome(tx, agent, operation, body_hash)
    if outcome.state is not OutcomeState.UNKNOWN_KIND:  # an updated hub will know it: the agent keeps it and asks again
        _keep(tx, agent, operation, body_hash, outcome)
        set_aside.known_now(tx, agent.store, operation.key, body_hash)
    return outcome


def keep_only(tx: Transaction, agent: Agent, operation: Operation, why: str) -> Outcome:
    """Writes the operation down without applying it, after a whole transaction broke on it in a way that no rule
    foresaw."""
    fact = operation.kind in BODIES and BODIES[operation.kind].fact
    outcome = Outcome(operation.key, *((OutcomeState.DONE,) if fact else (OutcomeState.REFUSED, BROKE)))
    _keep(tx, agent, operation, _hash(operation), outcome)
    if fact:
        set_aside.put(tx, agent, operation, _hash(operation), Failure(Reason.FAILED, why))
    set_aside.known_now(tx, agent.store, operation.key, _hash(operation))
    return outcome


def _hash(operation: Operation) -> bytes:
    return hashlib.sha256(operation.kind.encode() + b"\0" + bytes(operation.body)).digest()


def _before(tx: Transaction, agent: Agent, key: str) -> tuple[bytes, Outcome] | None:
    rows = _BEFORE.rows(tx.connection, tx.chain, agent.store, key)
    return (bytes(rows[0][0]), _decode_outcome(rows[0][1])) if rows else None


def _reused(tx: Transaction, agent: Agent, operation: Operation, body_hash: bytes) -> Outcome:
    log.error("store %s sent operation %s again with another body", agent.store, operation.key)
    why = "同一编号的操作内容不同 / this key came before with another body"
    set_aside.put(tx, agent, operation, body_hash, Failure(Reason.KEY_REUSED, why))
    return Outcome(operation.key, OutcomeState.KEY_REUSED, why)


def _outcome(tx: Transaction, agent: Agent, operation: Operation, body_hash: bytes) -> Outcome:
    try:
        body = _body(operation)
    except UnknownOperation as error:
        log.warning("store %s sent an operation this hub does not know: %s", agent.store, error)
        set_aside.put(tx, agent, operation, body_hash, Failure(Reason.UNKNOWN_KIND, str(error)))
        return Outcome(operation.key, OutcomeState.UNKNOWN_KIND, str(error))
    except msgspec.MsgspecError as error:
        log.error("store %s sent an operation that cannot be read: %s", agent.store, error)
        set_aside.put(tx, agent, operation, body_hash, Failure(Reason.UNREADABLE, str(error)))
        if BODIES[operation.kind].fact:
            return Outcome(operation.key, OutcomeState.DONE)
        return Outcome(operation.key, OutcomeState.REFUSED, UNREADABLE)
    if not body.fact:
        return _asked(tx, agent, operation, body)
    failure = _waits(tx, agent, operation, body) or carry_out(tx, agent, operation, body)
    if failure is not None:
        set_aside.put(tx, agent, about(operation, body), body_hash, failure)
    return Outcome(operation.key, OutcomeState.DONE)


def _body(operation: Operation) -> OperationBody:
    """Raises `UnknownOperation`, and `msgspec.MsgspecError` for what cannot be read, or not be kept as text."""
    body = decode_body(operation)
    if _NUL in bytes(operation.body):
        raise msgspec.ValidationError("it holds a NUL character")
    return body


def _asked(tx: Transaction, agent: Agent, operation: Operation, body: OperationBody) -> Outcome:
    try:
        with tx.savepoint(), tx.applying(Cause(agent.incarnation, operation.number)):
            _request(tx, agent, body)
    except HubError as error:
        if error.retryable:
            raise
        return Outcome(operation.key, OutcomeState.REFUSED, str(error))
    except Exception as error:
        if is_passing(error, may_retry=tx.may_retry):
            raise
        log.exception("request %s (%s) of store %s fails", operation.key, operation.kind, agent.store)
        return Outcome(operation.key, OutcomeState.REFUSED, BROKE)
    return Outcome(operation.key, OutcomeState.DONE)


def _waits(tx: Transaction, agent: Agent, operation: Operation, body: OperationBody) -> Failure | None:
    if set_aside.holds(tx, agent.store, about(operation, body).order_id, operation.key):
        return Failure(Reason.BEHIND, "an earlier operation of this order waits")
    return None


def about(operation: Operation, body: OperationBody) -> Operation:
    """The operation with the order that its body names, where the envelope names none."""
    order_id = operation.order_id or getattr(body, "order_id", "") or None
    return msgspec.structs.replace(operation, order_id=order_id)


def carry_out(tx: Transaction, agent: Agent, operation: Operation, body: OperationBody) -> Failure | None:
    """Applies a fact; or, where that fails, nothing of it, and returns why. A failure of the database is no fault of
    the fact and is raised."""
    if not sensible(body):
        return Failure(Reason.ABSURD, ABSURD)
    try:
        with tx.savepoint(), tx.applying(Cause(agent.incarnation, operation.number)):
            _fact(tx, agent, operation, body)
    except UnknownOrder as error:
        log.error("store %s sent a fact about an order it does not have: %s", agent.store, operation.key)
        return Failure(Reason.UNKNOWN_ORDER, str(error))
    except Exception as error:
        if is_passing(error, may_retry=tx.may_retry):
            raise
        log.exception("fact %s (%s) of store %s fails", operation.key, operation.kind, agent.store)
        return Failure(Reason.FAILED, f"{type(error).__name__}: {error}")
    return None


def sensible(body: OperationBody) -> bool:
    """Whether all quantities are possible: not negative, and not more than a channel can count."""
    match body:
        case PickCompleted(bindings=parts) | GoodsReturned(bindings=parts):
            quantities = [one.quantity for one in parts]
        case GoodsExchanged(back=back, given=given):
            quantities = [one.quantity for one in (*back, *given)]
        case SaleRecorded(lines=lines):
            quantities = [one.quantity for one in lines]
        case StockCounted(counted=counted):
            quantities = [counted]
        case GoodsReceived(lines=received):
            quantities = [one.quantity for one in received]
        case LotMoved(delta=delta, quarantined=quarantined):
            quantities = [abs(delta), abs(quarantined)]
        case ErpSold() | ErpCounted() | ErpReceived() | ErpDocumented():
            quantities = erp_operations.quantities(body)
        case _:
            quantities = []
    return all(0 <= quantity <= LARGEST for quantity in quantities)


def _fact(tx: Transaction, agent: Agent, operation: Operation, body: OperationBody) -> None:
    match body:
        case PickStarted():
            facts.pick_started(tx, agent, body)
        case PickCompleted():
            facts.pick_completed(tx, agent, body)
        case OrderHandedOver():
            facts.handed_over(tx, agent, body)
        case SlipChanged():
            facts.slip_changed(tx, agent, body)
        case SaleRecorded():
            facts.sale_recorded(tx, agent, body, operation.key)
        case StockCounted():
            facts.stock_counted(tx, agent, body, operation)
        case TrailGrown():
            trails.grown(tx, agent, body)
        case OnDutyChanged():
            roster.came_or_went(tx, agent, body)
        case PinChanged():
            staffing.pin_changed(tx, agent, body)
        case GoodsReturned():
            returning.goods_returned(tx, agent, body)
        case GoodsExchanged():
            exchanging.goods_exchanged(tx, agent, body)
        case GoodsReceived():
            goods.received(tx, agent, body)
        case LotMoved():
            goods.lot_moved(tx, agent, body)
        case PrescriptionDecided():
            deciding.decided(tx, agent, body)
        case PrefixLearned():
            learning.prefix_learned(tx, agent, body)
        case ErpSold():
            erp_feeds.sold(tx, agent.store, body.sale, by=agent.device)
        case ErpCounted():
            erp_operations.counted(tx, agent, body, operation)
        case ErpReceived():
            erp_feeds.received(tx, agent.store, body.receipt, by=agent.device)
        case ErpDocumented():
            erp_operations.documented(tx, agent, body)
        case ErpAnswered():
            erp_operations.answered(tx, agent, body)
        case _:
            raise AssertionError(f"no rule for {body.kind}")


def _request(tx: Transaction, agent: Agent, body: OperationBody) -> None:
    match body:
        case AcceptOrder():
            requests.accept_order(tx, agent, body)
        case SettleException():
            requests.settle_exception(tx, agent, body)
        case AnswerRefund():
            requests.answer_refund(tx, agent, body)
        case ReportShort():
            shortage.report_short(tx, agent, body)
        case _:
            raise AssertionError(f"no rule for {body.kind}")


def _keep(tx: Transaction, agent: Agent, operation: Operation, body_hash: bytes, outcome: Outcome) -> None:
    row = (
        tx.chain, agent.store, operation.key, agent.device, agent.incarnation, operation.number, operation.kind,
        operation.v, operation.order_id, bytes(operation.body), body_hash, msgspec.json.encode(outcome), operation.at,
        tx.now,
    )  # fmt: skip
    _KEEP.run(tx.connection, [row])
