"""Sessions of the agents: begun with a device key, counted, and refused to two computers at once (docs/protocol.md,
facts/sync.md R16). What an agent may do in one stands in `cloud.edge.door`."""

import logging
from functools import lru_cache
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, or_, select

from cloud import audit, clones, tables
from cloud.agents import Agent
from cloud.clones import Boots
from cloud.errors import Frozen, Revoked, SessionOver, UnknownKey
from cloud.statements import Sql
from cloud.tokens import Nonce, mark_of
from cloud.transaction import Transaction
from domain.protocol import Known, SessionRequest
from domain.times import Millis

log = logging.getLogger(__name__)

CLONED = "两台电脑在用同一个身份，疑似磁盘被克隆 / two computers speak as this one agent: its disk was cloned"
_PAIR_ONE = "Switch one of them off and pair the other again: yaolink-hub pair STORE."

_NEWEST = Sql(
    """SELECT number, key FROM operations WHERE chain = ? AND store = ? AND device = ? AND incarnation = ?
    ORDER BY number DESC, received_at DESC LIMIT 1"""
)
_Row = Row[*tuple[Any, ...]]
_decode_accepts = msgspec.json.Decoder(dict[str, int]).decode


class Begun(msgspec.Struct, frozen=True):
    """`sessions` counts this one; `number` and `key` are of the newest operation of this device and incarnation.
    `took_over`: another run of the program, which spoke before, may not speak any more."""

    agent: Agent
    sessions: int
    number: int
    key: str
    took_over: bool


class Standing(msgspec.Struct, frozen=True):
    """An active agent, as its requests are checked against: `mark` is the short mark of its public key that tokens
    carry, `sessions` how many were begun."""

    agent: Agent
    public_key: bytes
    mark: bytes
    sessions: int


def admitted(connection: Connection, chain: str, known: Known) -> Nonce:
    """The nonce for the next session of this key, its time not set yet. Raises `UnknownKey`, `Revoked`, `Frozen`."""
    a = tables.agents.c
    query = select(tables.agents).where(a.chain == chain, a.device == known.device, a.public_key == known.public_key)
    row = connection.execute(query.order_by(a.paired_at.desc()).limit(1)).one_or_none()
    if row is None:
        raise UnknownKey("no agent has this key", hint="Pair the agent again: yaolink-hub pair STORE.")
    _not_barred(row)
    return Nonce(row.device, row.paired_at, row.sessions, 0)


def begin(tx: Transaction, request: SessionRequest, nonce: Nonce) -> Begun | Frozen:
    """Begins a session for a request whose signature was proven. Raises what `admitted` does, and `SessionOver` for a
    used nonce.

    `Frozen` (two computers are alive) is returned, not raised: raising would roll back that it was written down.
    """
    row = _locked(tx, nonce)
    if row.public_key != request.public_key:
        raise UnknownKey("this key was replaced", hint="Pair the agent again: yaolink-hub pair STORE.")
    if row.sessions != nonce.sessions:
        raise SessionOver("this nonce was used", hint="Ask for another.")
    boots = clones.spoke(_boots(row), request.boot)
    if boots is None:
        return _freeze(tx, row)
    change = {
        "sessions": row.sessions + 1,
        "session_at": tx.now,
        "incarnation": request.incarnation,
        "boot": boots.now,
        "boots_before": ",".join(boots.before),
        "accepts": msgspec.json.encode(request.accepts, order="deterministic").decode(),
        "version": request.version,
    }
    tx.connection.execute(tables.agents.update().where(*_is(tx.chain, nonce)).values(**change))
    if row.boot != request.boot:
        log.info("store %s: another run of agent %s speaks", row.store, row.device)
    agent = Agent(tx.chain, row.store, row.device, row.paired_at, request.incarnation, boots.now, request.accepts)
    number, key = newest_operation(tx.connection, agent)
    return Begun(agent, row.sessions + 1, number, key, row.boot not in ("", request.boot))


def replace_key(tx: Transaction, agent: Agent, public_key: bytes) -> None:
    """From now on the new key counts. Sessions of the old key end; the agent begins another with the new one."""
    of_agent = Nonce(agent.device, agent.paired_at, 0, 0)
    row = _locked(tx, of_agent)
    if row.boot != agent.boot:
        raise SessionOver("another run of this agent speaks now")
    change = {"public_key": public_key, "sessions": row.sessions + 1, "session_at": tx.now}
    tx.connection.execute(tables.agents.update().where(*_is(tx.chain, of_agent)).values(**change))
    audit.append(tx, agent.store, agent.device, "agent.key", agent.device)


def unfreeze(tx: Transaction, store: str, *, by: str = "hub") -> bool:
    """The other computer is off for good: the next to speak is the store's. False where nothing was frozen."""
    a = tables.agents.c
    frozen = (a.chain == tx.chain, a.store == store, a.revoked_at.is_(None), a.frozen_at.is_not(None))
    devices = tx.connection.execute(select(a.device).where(*frozen)).scalars().all()
    clear = {"frozen_at": None, "frozen_why": "", "boot": "", "boots_before": ""}
    tx.connection.execute(tables.agents.update().where(*frozen).values(**clear))
    for device in devices:
        audit.append(tx, store, by, "agent.unfrozen", device)
    return bool(devices)


def end_all(tx: Transaction, *, skip: int) -> None:
    """Ends all sessions after the hub was restored: an agent that went on in its session would send what comes after
    operations that are forgotten here, and never learn that those are missing.

    The count of sessions goes `skip` ahead, further than any token given out before.
    """
    a = tables.agents.c
    active = (a.chain == tx.chain, a.revoked_at.is_(None))
    tx.connection.execute(
        tables.agents.update().where(*active).values(boot="", session_at=tx.now, sessions=a.sessions + skip)
    )


def standing(connection: Connection, chain: str, device: str, paired_at: Millis) -> Standing:
    """Raises `UnknownKey`, `Revoked`, `Frozen`."""
    query = select(tables.agents).where(*_is(chain, Nonce(device, paired_at, 0, 0)))
    row = connection.execute(query).one_or_none()
    if row is None:
        raise UnknownKey("no agent has this key", hint="Pair the agent again: yaolink-hub pair STORE.")
    _not_barred(row)
    return _standing(chain, row)


def changed_since(connection: Connection, chain: str, since: Millis) -> dict[tuple[str, Millis], Standing | None]:
    """Agents that were paired, began a session or were barred since then, by device and time of pairing; None for one
    that may not speak."""
    a = tables.agents.c
    changes = (a.paired_at, a.session_at, a.revoked_at, a.frozen_at)
    query = select(tables.agents).where(a.chain == chain, or_(*(at >= since for at in changes)))
    return {
        (row.device, row.paired_at): _standing(chain, row) if row.revoked_at is None and row.frozen_at is None else None
        for row in connection.execute(query)
    }


def _standing(chain: str, row: _Row) -> Standing:
    accepts = _accepts(row.accepts)
    agent = Agent(chain, row.store, row.device, row.paired_at, row.incarnation, row.boot, accepts)
    return Standing(agent, row.public_key, mark_of(row.public_key), row.sessions)


@lru_cache(maxsize=64)
def _accepts(text: str) -> dict[str, int]:
    """Of ten thousand agents most run the same few versions. Nobody changes what comes out of here."""
    return _decode_accepts(text)


def _locked(tx: Transaction, nonce: Nonce) -> _Row:
    """The agent's row, until the transaction ends. Raises what `admitted` does."""
    query = select(tables.agents).where(*_is(tx.chain, nonce)).with_for_update()
    row = tx.connection.execute(query).one_or_none()
    if row is None:
        raise UnknownKey("no agent has this key", hint="Pair the agent again: yaolink-hub pair STORE.")
    _not_barred(row)
    return row


def _is(chain: str, nonce: Nonce) -> tuple[ColumnElement[bool], ...]:
    a = tables.agents.c
    return a.chain == chain, a.device == nonce.device, a.paired_at == nonce.paired_at


def _not_barred(row: _Row) -> None:
    if row.revoked_at is not None:
        raise Revoked(row.revoked_why, hint="Pair this device again if it is still the store's.")
    if row.frozen_at is not None:
        raise Frozen(row.frozen_why, hint=_PAIR_ONE)


def _boots(row: _Row) -> Boots:
    return Boots(row.boot, tuple(row.boots_before.split(",")) if row.boots_before else ())


def _freeze(tx: Transaction, row: _Row) -> Frozen:
    log.error("store %s: two computers speak as agent %s; both are frozen", row.store, row.device)
    of_row = _is(tx.chain, Nonce(row.device, row.paired_at, 0, 0))
    tx.connection.execute(tables.agents.update().where(*of_row).values(frozen_at=tx.now, frozen_why=CLONED))
    audit.append(tx, row.store, row.device, "agent.frozen", row.device, CLONED)
    return Frozen(CLONED, hint=_PAIR_ONE)


def newest_operation(connection: Connection, agent: Agent) -> tuple[int, str]:
    """Number and key; 0 and empty where there is none of this device and incarnation."""
    rows = _NEWEST.rows(connection, agent.chain, agent.store, agent.device, agent.incarnation)
    return (int(rows[0][0]), str(rows[0][1])) if rows else (0, "")
