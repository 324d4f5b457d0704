"""Intake: a group of pushes in one transaction. First the raw rows; then, in a savepoint, all that they mean.

If the group's savepoint fails, each push is tried in its own: the broken one stays as a raw row that needs a person,
the others are as good as if it had never come (facts/sync.md R8, R10).
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec
from sqlalchemy.exc import DBAPIError

from cloud import audit, catalogue, orders, personal, placing, progress, pushes, tables
from cloud.channels.base import Advanced, Changed, ChannelOrder, Message, Placed
from cloud.database import is_conflict
from cloud.placing import Arrival
from cloud.pushes import Filed
from cloud.received import Accepted, PushState, Received
from cloud.statements import Sql
from cloud.transaction import Transaction
from domain.ids import order_identity
from domain.orders import progress as progressed

__all__ = ["Accepted", "PushState", "Received", "accept", "again", "settle"]

log = logging.getLogger(__name__)

OTHER_CONTENT = "同一消息编号，内容却不同 / the same happening was pushed before with another content"
NO_STORE = "渠道门店未绑定 / no store serves shop {shop!r} of this channel"

_KNOWN = Sql(
    "SELECT channel_order_id, order_id FROM orders WHERE chain = ? AND channel = ? AND channel_order_id = ANY(?)"
)
OrderKey = tuple[str, str]
"""(channel, the channel's order id)."""


@dataclass(slots=True)
class _Group:
    """A group on its way: what was known before it, and what it adds."""

    seen: dict[tuple[str, str], tuple[bytes, str | None]] = field(default_factory=dict)
    order_ids: dict[OrderKey, str] = field(default_factory=dict)


def accept(tx: Transaction, received: Sequence[Received]) -> list[Accepted]:
    """One answer per push, in order. Whatever a push holds, it is kept or was kept before; nothing is raised for it."""
    group = _look_up(tx, received)
    for one in received:
        _give_id(tx, group, one)
    answers: list[Accepted | Filed] = [_file(tx, group, one) for one in received]
    filed = [one for one in answers if isinstance(one, Filed)]
    pushes.file(tx, filed, {one.push_id for one in filed})
    _apply_all(tx, [one for one in filed if one.state is PushState.UNDERSTOOD])
    return [Accepted(one.state, one.order_id, one.problem) if isinstance(one, Filed) else one for one in answers]


def _look_up(tx: Transaction, received: Sequence[Received]) -> _Group:
    """What the database knows of these happenings and orders: two statements per channel."""
    group = _Group()
    for channel in sorted({one.push.channel for one in received}):
        of_channel = [one for one in received if one.push.channel == channel]
        happenings = [pushes.happening_of(one) for one in of_channel]
        names = [name for name, _ in happenings] + [pushes.otherwise(*happening) for happening in happenings]
        found = pushes.seen(tx, channel, names)
        group.seen.update({(channel, happening): said for happening, said in found.items()})
        ids = {u.channel_order_id or "" for one in of_channel if (u := one.understood) is not None}
        rows = _KNOWN.rows(tx.connection, tx.chain, channel, sorted(ids))
        group.order_ids.update({(channel, theirs): ours for theirs, ours in rows})
    return group


def carried_order(messages: Sequence[Message]) -> ChannelOrder | None:
    """The whole order, where one of the messages brings it: this may be the first we hear of it."""
    for message in messages:
        if isinstance(message, Advanced) and message.order is not None:
            state = progressed(message.order.state, message.state)
            return msgspec.structs.replace(message.order, state=state)
        if isinstance(message, Placed | Changed) and message.order is not None:
            return message.order
    return None


def _give_id(tx: Transaction, group: _Group, received: Received) -> None:
    """An order that comes whole for the first time gets its id, if some store is there to serve it."""
    understood = received.understood
    heard = carried_order(understood.messages) if understood is not None else None
    if heard is None:
        return
    key = (received.push.channel, heard.channel_order_id)
    if key not in group.order_ids and catalogue.store_of_shop(tx, key[0], heard.shop) is not None:
        group.order_ids[key] = _order_id(tx, key[0], heard)


def _order_id(tx: Transaction, channel: str, heard: ChannelOrder) -> str:
    return order_identity(tx.chain, channel, heard.channel_order_id, heard.placed_at)[0]


def _file(tx: Transaction, group: _Group, received: Received) -> Accepted | Filed:
    """How a push is kept; an answer at once where it is a repeat, or nothing that must be kept."""
    understood = received.understood
    if understood is not None and understood.key is None and not understood.messages:
        return Accepted(PushState.UNDERSTOOD)
    happening, content = pushes.happening_of(received)
    channel = received.push.channel
    before = group.seen.get((channel, happening))
    if before is not None and before[0] == content:
        return Accepted(PushState.REPEATED, before[1])
    if before is not None:
        happening = pushes.otherwise(happening, content)
        if (channel, happening) in group.seen:
            return Accepted(PushState.NEEDS_PERSON, before[1], OTHER_CONTENT)
    filed = Filed(tx.new_id(), received, happening, content, "", problem=OTHER_CONTENT if before else "")
    _judge(group, filed)
    group.seen[channel, happening] = (content, filed.order_id)
    return filed


def _judge(group: _Group, filed: Filed) -> None:
    """Sets its state, its order and the subject its raw bytes are sealed under."""
    understood = filed.understood
    theirs = filed.channel_order_id
    filed.order_id = group.order_ids.get((filed.received.push.channel, theirs)) if theirs is not None else None
    filed.subject = filed.order_id or filed.push_id
    if understood is None:
        filed.state, filed.problem = PushState.NEEDS_PERSON, filed.received.problem
    elif filed.problem:
        filed.state = PushState.NEEDS_PERSON
    elif understood.messages and filed.order_id is None:
        heard = carried_order(understood.messages)
        if heard is None:
            filed.state = PushState.WAITING
        else:
            filed.state, filed.problem = PushState.NEEDS_PERSON, NO_STORE.format(shop=heard.shop)


def _apply_all(tx: Transaction, filed: Sequence[Filed]) -> None:
    meant = [one for one in filed if one.understood is not None and one.understood.messages]
    if not meant:
        return
    if _attempt(tx, meant) is None:
        return
    for one in meant:
        _apply_alone(tx, one)


def _attempt(tx: Transaction, filed: Sequence[Filed]) -> Exception | None:
    """Applies in a savepoint; the error, if that failed and nothing of it stays."""
    try:
        with tx.savepoint():
            _apply(tx, filed)
    except DBAPIError as error:
        if tx.may_retry and is_conflict(error):
            raise  # another transaction may be in the way: the writer runs the whole job again
        return error
    except Exception as error:  # whatever a push can cause: it is kept, logged, and shown to a person
        return error
    return None


def _apply_alone(tx: Transaction, one: Filed) -> None:
    """After its group failed: what it needs may have failed with another push, so it is looked at afresh."""
    understood = one.understood
    assert understood is not None and one.channel_order_id is not None
    present = orders.find(tx, one.received.push.channel, one.channel_order_id)
    if present is None and carried_order(understood.messages) is None:
        _let_wait(tx, one)
        return
    one.order_id = present or one.order_id
    error = _attempt(tx, [one])
    if error is not None:
        log.error("push %s of %s was kept, not applied", one.push_id, one.received.push.channel, exc_info=error)
        one.state, one.order_id, one.problem = PushState.NEEDS_PERSON, present, f"{type(error).__name__}"
        _keep_messages(tx, one)
    pushes.put_state(tx, one.push_id, one.state, one.order_id, one.problem)


def _let_wait(tx: Transaction, one: Filed) -> None:
    one.state, one.order_id = PushState.WAITING, None
    _keep_messages(tx, one)
    pushes.put_state(tx, one.push_id, one.state, one.order_id, one.problem)


def _keep_messages(tx: Transaction, one: Filed) -> None:
    assert one.understood is not None
    personal.put(tx, one.subject, f"said:{one.push_id}", pushes.encode_messages(one.understood.messages))


def _apply(tx: Transaction, filed: Sequence[Filed]) -> None:
    """All that the pushes mean: new orders first and together, then the rest in order of arrival."""
    placed = _place_new(tx, filed)
    for one in filed:
        assert one.understood is not None and one.order_id is not None
        for message in one.understood.messages:
            if not (isinstance(message, Placed) and one.order_id in placed):
                progress.apply(tx, one.order_id, message)
    if placed:
        _apply_waiting(tx, placed)


def _place_new(tx: Transaction, filed: Sequence[Filed]) -> dict[str, OrderKey]:
    """Places every order that is not there yet; answers their ids with the channel's."""
    arrivals: dict[str, Arrival] = {}
    for one in filed:
        assert one.understood is not None and one.order_id is not None
        heard = carried_order(one.understood.messages)
        if heard is None or one.order_id in arrivals:
            continue
        channel = one.received.push.channel
        store = catalogue.store_of_shop(tx, channel, heard.shop)
        if store is not None:
            arrivals[one.order_id] = Arrival(one.order_id, channel, store, heard, one.received.received_at)
    new = _not_there(tx, list(arrivals.values()))
    if new:
        placing.place(tx, new)
    return {arrival.order_id: (arrival.channel, arrival.heard.channel_order_id) for arrival in new}


def _not_there(tx: Transaction, arrivals: Sequence[Arrival]) -> list[Arrival]:
    there: set[OrderKey] = set()
    for channel in {arrival.channel for arrival in arrivals}:
        ids = [arrival.heard.channel_order_id for arrival in arrivals if arrival.channel == channel]
        there |= {(channel, theirs) for theirs, _ in _KNOWN.rows(tx.connection, tx.chain, channel, ids)}
    return [arrival for arrival in arrivals if (arrival.channel, arrival.heard.channel_order_id) not in there]


def _apply_waiting(tx: Transaction, placed: dict[str, OrderKey]) -> None:
    """What came before its order has waited for this. What cannot be applied now must not undo the order."""
    ids = {key: order_id for order_id, key in placed.items()}
    for push_id, channel, theirs, subject in pushes.waiting(tx, [theirs for _, theirs in ids]):
        order_id = ids.get((channel, theirs))
        if order_id is None:
            continue
        state, problem = PushState.UNDERSTOOD, ""
        try:
            with tx.savepoint():
                for message in pushes.said(tx, push_id, subject):
                    progress.apply(tx, order_id, message)
        except Exception as error:  # as in `_attempt`
            log.error("push %s waited for order %s and was not applied", push_id, order_id, exc_info=error)
            state, problem = PushState.NEEDS_PERSON, type(error).__name__
        pushes.put_state(tx, push_id, state, order_id, problem)


def again(tx: Transaction, push_id: str, by: str) -> Accepted:
    """A person asks to take in a kept push once more, its cause being mended: the shop is bound now, say."""
    filed = pushes.kept(tx, push_id)
    understood = filed.understood
    if understood is None or not understood.messages:
        return Accepted(PushState.NEEDS_PERSON, filed.order_id, filed.problem)
    heard = carried_order(understood.messages)
    channel = filed.received.push.channel
    if heard is not None and catalogue.store_of_shop(tx, channel, heard.shop) is None:
        return Accepted(PushState.NEEDS_PERSON, None, NO_STORE.format(shop=heard.shop))
    filed.state, filed.problem = PushState.UNDERSTOOD, ""
    if filed.order_id is None and heard is not None:
        filed.order_id = _order_id(tx, channel, heard)
    _apply_alone(tx, filed)
    audit.append(tx, "", by, "push.again", push_id, filed.state.value)
    return Accepted(filed.state, filed.order_id, filed.problem)


def settle(tx: Transaction, push_id: str, by: str) -> None:
    """A person looked at a push; nothing more is done about it."""
    p = tables.pushes.c
    open_states = [PushState.NEEDS_PERSON.value, PushState.WAITING.value]
    query = (
        tables.pushes.update()
        .where(p.chain == tx.chain, p.push_id == push_id, p.state.in_(open_states))
        .values(state=PushState.SETTLED.value)
    )
    if tx.connection.execute(query).rowcount:
        audit.append(tx, "", by, "push.settled", push_id)
