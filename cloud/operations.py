"""Operations of the stores: each applied once, for ever. A fact is never refused; a request may be, with a reason."""

import hashlib
import logging

import msgspec
from sqlalchemy import select

from cloud import (
    audit,
    erp_documents,
    erp_feeds,
    erp_operations,
    facts,
    goods,
    learning,
    requests,
    returning,
    roster,
    shortage,
    staffing,
    tables,
    trails,
)
from cloud.agents import Agent
from cloud.errors import HubError, UnknownOrder
from cloud.prescriptions import deciding
from cloud.transaction import Transaction
from domain.operations import (
    AcceptOrder,
    AnswerRefund,
    ErpAnswered,
    ErpCounted,
    ErpDocumented,
    ErpReceived,
    ErpSold,
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

_decode_outcome = msgspec.json.Decoder(Outcome).decode
ABSURD = "数量不合理 / an absurd quantity"
UNREADABLE = "操作内容读不懂 / the operation cannot be read"


def apply(tx: Transaction, agent: Agent, operation: Operation) -> Outcome:
    """The same key is answered alike for ever, by whichever device of the store; with another body, as reused."""
    body_hash = hashlib.sha256(operation.kind.encode() + b"\0" + bytes(operation.body)).digest()
    before = _before(tx, agent, operation.key)
    if before is not None:
        stored_hash, outcome = before
        return outcome if stored_hash == body_hash else _reused(tx, agent, operation)
    outcome = _outcome(tx, agent, operation)
    if outcome.state is not OutcomeState.UNKNOWN_KIND:  # an updated hub will know it: the agent keeps it and asks again
        _keep(tx, agent, operation, body_hash, outcome)
    return outcome


def _before(tx: Transaction, agent: Agent, key: str) -> tuple[bytes, Outcome] | None:
    o = tables.operations.c
    query = select(o.body_hash, o.outcome).where(o.chain == tx.chain, o.store == agent.store, o.key == key)
    row = tx.connection.execute(query).one_or_none()
    return None if row is None else (row.body_hash, _decode_outcome(row.outcome))


def _reused(tx: Transaction, agent: Agent, operation: Operation) -> Outcome:
    log.error("store %s sent operation %s again with another body", agent.store, operation.key)
    audit.append(tx, agent.store, agent.device, "operation.key_reused", operation.key, operation.kind)
    return Outcome(
        operation.key, OutcomeState.KEY_REUSED, "同一编号的操作内容不同 / this key came before with another body"
    )


def _outcome(tx: Transaction, agent: Agent, operation: Operation) -> Outcome:
    try:
        body = decode_body(operation)
    except UnknownOperation as error:
        log.warning("store %s sent an operation this hub does not know: %s", agent.store, error)
        return Outcome(operation.key, OutcomeState.UNKNOWN_KIND, str(error))
    except msgspec.MsgspecError as error:
        log.error("store %s sent an operation that cannot be read: %s", agent.store, error)
        audit.append(tx, agent.store, agent.device, "operation.unreadable", operation.key, operation.kind)
        return Outcome(operation.key, OutcomeState.REFUSED, UNREADABLE)
    if body.fact:
        return _taken(tx, agent, operation, body)
    try:
        with tx.savepoint():
            _request(tx, agent, body)
    except HubError as error:
        return Outcome(operation.key, OutcomeState.REFUSED, str(error))
    return Outcome(operation.key, OutcomeState.DONE)


def _taken(tx: Transaction, agent: Agent, operation: Operation, body: OperationBody) -> Outcome:
    """A fact about an order that is not the store's is kept as it came: its row and the audit are all that is left."""
    if not sensible(body):
        log.error("store %s sent an absurd quantity in operation %s", agent.store, operation.key)
        audit.append(tx, agent.store, agent.device, "operation.absurd", operation.key, operation.kind)
        return Outcome(operation.key, OutcomeState.REFUSED, ABSURD)
    try:
        with tx.savepoint():
            _fact(tx, agent, operation, body)
    except UnknownOrder:
        log.error("store %s sent a fact about an order it does not have: %s", agent.store, operation.key)
        audit.append(tx, agent.store, agent.device, "operation.unknown_order", operation.key, operation.kind)
    return Outcome(operation.key, OutcomeState.DONE)


def sensible(body: OperationBody) -> bool:
    """No store holds less than nothing or more than a channel can count."""
    match body:
        case PickCompleted(bindings=parts) | GoodsReturned(bindings=parts):
            quantities = [one.quantity for one in parts]
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
        case GoodsReceived():
            goods.received(tx, agent, body)
        case LotMoved():
            goods.lot_moved(tx, agent, body, operation)
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
            erp_documents.write(tx, agent.store, body.document, by=agent.device)
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
    tx.connection.execute(
        tables.operations.insert().values(
            chain=tx.chain,
            store=agent.store,
            key=operation.key,
            device=agent.device,
            number=operation.number,
            kind=operation.kind,
            v=operation.v,
            order_id=operation.order_id,
            body=bytes(operation.body),
            body_hash=body_hash,
            outcome=msgspec.json.encode(outcome),
            at=operation.at,
            received_at=tx.now,
        )
    )
