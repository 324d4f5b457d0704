"""The raw rows: every push as it came, sealed, and what became of it. They are written before all that it means."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import msgspec

from cloud import personal, tables
from cloud.channels.base import Message, Push, Understood
from cloud.errors import UnknownPush
from cloud.received import PushState, Received
from cloud.statements import Sql, insert
from cloud.transaction import Transaction

_NEW = insert(
    tables.pushes,
    "chain", "push_id", "channel", "topic", "happening", "content", "subject", "channel_order_id", "order_id", "state",
    "problem", "received_at",
)  # fmt: skip
_SEEN = Sql("SELECT happening, content, order_id FROM pushes WHERE chain = ? AND channel = ? AND happening = ANY(?)")
_WAITING = Sql(
    """SELECT push_id, channel, channel_order_id, subject FROM pushes
    WHERE chain = ? AND state = 'waiting' AND channel_order_id = ANY(?) ORDER BY received_at, push_id"""
)
_STATE = Sql("UPDATE pushes SET state = ?, order_id = ?, problem = ? WHERE chain = ? AND push_id = ?")
_messages = msgspec.json.Decoder(tuple[Message, ...]).decode


@dataclass(slots=True)
class Filed:
    """One push on its way through intake. `state`, `order_id`, `problem` are what its row says in the end."""

    push_id: str
    received: Received
    happening: str
    content: bytes
    subject: str
    state: PushState = PushState.UNDERSTOOD
    order_id: str | None = None
    problem: str = ""

    @property
    def understood(self) -> Understood | None:
        return self.received.understood

    @property
    def channel_order_id(self) -> str | None:
        theirs = self.understood.channel_order_id if self.understood else None
        return None if theirs is None else _storable(theirs)


def fingerprint(push: Push) -> bytes:
    """Of a push nobody understands: the same bytes again are the same push."""
    return hashlib.sha256(push.topic.encode() + b"\0" + push.query + b"\0" + push.body).digest()


def happening_of(received: Received) -> tuple[str, bytes]:
    """What makes two pushes the same, and what they must then agree in."""
    if received.understood is None:
        content = fingerprint(received.push)
        return f"raw:{content.hex()}", content
    content = received.understood.content
    return _storable(received.understood.key or "") or f"said:{content.hex()}", content


def otherwise(happening: str, content: bytes) -> str:
    """Where a push is filed that says something else under a happening we know: once, however often it comes."""
    return f"{happening}#{content.hex()}"


def seen(tx: Transaction, channel: str, happenings: Sequence[str]) -> dict[str, tuple[bytes, str | None]]:
    """Which of these came before: happening → (content, order id)."""
    rows = _SEEN.rows(tx.connection, tx.chain, channel, list(happenings))
    return {happening: (content, order_id) for happening, content, order_id in rows}


def file(tx: Transaction, filed: Sequence[Filed], new_subjects: Collection[str]) -> None:
    """Writes the raw rows. `new_subjects` have no key yet."""
    _NEW.run(
        tx.connection,
        [
            (
                tx.chain, one.push_id, one.received.push.channel, one.received.push.topic, one.happening, one.content,
                one.subject, one.channel_order_id, one.order_id, one.state.value, _storable(one.problem),
                one.received.received_at,
            )
            for one in filed
        ],
    )  # fmt: skip
    personal.put_all(tx, [record for one in filed for record in _records(one)], new=new_subjects)


def _records(one: Filed) -> list[personal.Record]:
    records = [(one.subject, f"push:{one.push_id}", msgspec.msgpack.encode(one.received.push))]
    if one.understood is not None and one.state in (PushState.WAITING, PushState.NEEDS_PERSON):
        records.append((one.subject, f"said:{one.push_id}", encode_messages(one.understood.messages)))
    return records


def _storable(text: str) -> str:
    """What a platform sends may hold what no database's text can: a NUL, half a surrogate."""
    return text.encode(errors="replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")


def raw(tx: Transaction, push_id: str) -> Push | None:
    """The push as it came; None when it was erased or never was."""
    p = tables.pushes.c
    row = tx.connection.execute(tables.pushes.select().where(p.chain == tx.chain, p.push_id == push_id)).one_or_none()
    body = row and personal.get(tx.connection, tx.chain, tx.vault, row.subject, f"push:{push_id}")
    return msgspec.msgpack.decode(body, type=Push) if body else None


def put_state(tx: Transaction, push_id: str, state: PushState, order_id: str | None, problem: str) -> None:
    _STATE.run(tx.connection, [(state.value, order_id, problem, tx.chain, push_id)])


def waiting(tx: Transaction, channel_order_ids: Sequence[str]) -> list[tuple[str, str, str, str]]:
    """What came before its order, in order of arrival: (push id, channel, channel's order id, subject)."""
    rows = _WAITING.rows(tx.connection, tx.chain, list(channel_order_ids))
    return [(push_id, channel, channel_order_id, subject) for push_id, channel, channel_order_id, subject in rows]


def said(tx: Transaction, push_id: str, subject: str) -> tuple[Message, ...]:
    """Nothing, where it was erased meanwhile."""
    body = personal.get(tx.connection, tx.chain, tx.vault, subject, f"said:{push_id}")
    return _messages(body) if body else ()


def encode_messages(messages: Sequence[Message]) -> bytes:
    return msgspec.json.encode(messages)


def kept(tx: Transaction, push_id: str) -> Filed:
    """A push that was kept, with what it said where that is still known. Raises `UnknownPush`."""
    p = tables.pushes.c
    row = tx.connection.execute(tables.pushes.select().where(p.chain == tx.chain, p.push_id == push_id)).one_or_none()
    push = raw(tx, push_id)
    if row is None or push is None:
        raise UnknownPush(f"no push {push_id}", hint="It never was, or its person was erased.")
    messages = said(tx, push_id, row.subject)
    understood = Understood(row.happening, row.content, row.channel_order_id, messages) if messages else None
    received = Received(push, understood, row.problem, row.received_at)
    return Filed(
        push_id, received, row.happening, row.content, row.subject, PushState(row.state), row.order_id, row.problem
    )
