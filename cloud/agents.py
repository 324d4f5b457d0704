"""Agents: pairing by a one-time code, device keys, revoking (facts/sync.md §5).

A code has 80 bits, works once, for a day or as long as a list of them says, and is burnt after five wrong tries; it is
stored as a hash only. Of the device's key only the public half comes here. At most one agent of a store is active:
pairing a new one revokes the old one. What a paired agent does next: `cloud.sessions`.
"""

import hashlib
import re
from collections.abc import Sequence

import msgspec
from sqlalchemy import select

from cloud import audit, catalogue, tables
from cloud.errors import PairingRefused
from cloud.statements import Sql, insert
from cloud.transaction import Transaction
from domain.ids import base32
from domain.protocol import PairReply, PairRequest
from domain.times import DAY, HOUR, Millis

CODE_BYTES = 10
CODE_GROUP = 4
SELECTOR = 8
"""How much of a code says whose it is: 40 bits, so that among thousands of codes nobody hits one by guessing, and
40 more remain for five guesses at a known one."""
CODE_LIFE: Millis = DAY
TRIES = 5
REPLACED = "另一台设备已与本店配对 / another device was paired with this store"

_VOID = Sql("DELETE FROM pairing_codes WHERE chain = ? AND store = ?")
_SELECTORS = Sql("SELECT selector FROM pairing_codes WHERE chain = ? AND used_at IS NULL")
_CODE = insert(tables.pairing_codes, "chain", "store", "selector", "code_hash", "expires_at", "tries")
_READ_AS = str.maketrans("OIL", "011")
_IGNORED = re.compile(r"[\s-]")


class Agent(msgspec.Struct, frozen=True):
    """Who speaks: one device, paired with one store; which life of its data, and which run of its program.

    `accepts` tells the kinds of events it knows, each with its highest version.
    """

    chain: str
    store: str
    device: str
    paired_at: Millis
    incarnation: str = ""
    boot: str = ""
    accepts: dict[str, int] = {}


class NewCode(msgspec.Struct, frozen=True):
    """`code` is shown this once, in groups of four."""

    store: str
    name: str
    code: str
    expires_at: Millis


def new_code(tx: Transaction, store: str, *, life: Millis = CODE_LIFE, by: str = "hub") -> NewCode:
    """An earlier code of the store is void."""
    return new_codes(tx, [store], life=life, by=by)[0]


def new_codes(tx: Transaction, stores: Sequence[str], *, life: Millis, by: str = "hub") -> list[NewCode]:
    """One for each of these stores. Raises `UnknownStore`; then there is none."""
    names = {store: catalogue.store(tx, store).name for store in stores}
    _VOID.run(tx.connection, [(tx.chain, store) for store in names])
    taken = {selector for (selector,) in _SELECTORS.rows(tx.connection, tx.chain)}
    codes = {store: _draw(tx, taken) for store in names}
    expires_at = tx.now + life
    _CODE.run(
        tx.connection,
        [(tx.chain, store, code[:SELECTOR], _hash(code), expires_at, 0) for store, code in codes.items()],
    )
    for store in names:
        audit.append(tx, store, by, "pairing.code", store, f"for {life // HOUR} h")
    return [NewCode(store, names[store], _grouped(code), expires_at) for store, code in codes.items()]


def _draw(tx: Transaction, taken: set[str]) -> str:
    """A code whose selector no other code that may still be used has: a wrong try then counts against one store."""
    while (code := base32(tx.randomness(CODE_BYTES)))[:SELECTOR] in taken:
        continue
    taken.add(code[:SELECTOR])
    return code


def _grouped(code: str) -> str:
    return "-".join(code[at : at + CODE_GROUP] for at in range(0, len(code), CODE_GROUP))


def pair(tx: Transaction, request: PairRequest) -> PairReply | PairingRefused:
    """A refusal is answered, not raised: the try must stay counted when the transaction commits.

    It is counted against the code whose first half was given: nobody can burn the codes of other stores by guessing.
    The same device may ask again with its code, should the answer have been lost; with the same key nothing changes.
    """
    c, code = tables.pairing_codes.c, _normal(request.code)
    meant = (
        c.chain == tx.chain,
        c.selector == code[:SELECTOR],
        c.used_at.is_(None),
        c.expires_at > tx.now,
        c.tries < TRIES,
    )
    query = select(c.store).where(*meant, c.code_hash == _hash(code))
    store = tx.connection.execute(query.with_for_update()).scalar_one_or_none()
    if store is None and (before := _used_by(tx, request.device, code)) is not None:
        store, key = before
        if key == request.public_key:
            return _reply(tx, store)
    if store is None:
        tx.connection.execute(tables.pairing_codes.update().where(*meant).values(tries=c.tries + 1))
        audit.append(tx, "", "unpaired", "pairing.refused", "", f"host {request.hostname[:64]!r}")
        return PairingRefused(
            "配对码不对、已用过或已过期 / the pairing code is wrong, used or expired",
            hint="Ask for a new one: yaolink-hub pair STORE. After five wrong tries a code is void.",
        )
    tx.connection.execute(
        tables.pairing_codes.update().where(c.chain == tx.chain, c.store == store).values(used_at=tx.now)
    )
    revoke(tx, store, REPLACED, by=request.device)
    return _enrol(tx, store, request)


def _used_by(tx: Transaction, device: str, code: str) -> tuple[str, bytes] | None:
    """The store that this very device was paired with by this very code, and by which key."""
    c, a = tables.pairing_codes.c, tables.agents.c
    query = select(c.store, a.public_key).where(
        c.chain == tx.chain,
        c.selector == code[:SELECTOR],
        c.code_hash == _hash(code),
        c.expires_at > tx.now,
        a.chain == c.chain,
        a.store == c.store,
        a.device == device,
        a.paired_at == c.used_at,
        a.revoked_at.is_(None),
    )
    row = tx.connection.execute(query).one_or_none()
    return None if row is None else (row.store, row.public_key)


def _enrol(tx: Transaction, store: str, request: PairRequest) -> PairReply:
    a = tables.agents.c
    same_instant = (a.chain == tx.chain, a.device == request.device, a.paired_at == tx.now)
    tx.connection.execute(tables.agents.delete().where(*same_instant))
    tx.connection.execute(
        tables.agents.insert().values(
            chain=tx.chain,
            device=request.device,
            store=store,
            public_key=request.public_key,
            hostname=request.hostname,
            version=request.version,
            paired_at=tx.now,
        )
    )
    audit.append(tx, store, request.device, "agent.paired", request.device)
    return _reply(tx, store)


def _reply(tx: Transaction, store: str) -> PairReply:
    return PairReply(tx.chain, store, catalogue.store(tx, store).name)


def revoke(tx: Transaction, store: str, why: str, *, by: str = "hub") -> list[str]:
    """The store's active agent may not speak any more; its devices, for the shell to end their streams."""
    a = tables.agents.c
    active = (a.chain == tx.chain, a.store == store, a.revoked_at.is_(None))
    devices = list(tx.connection.execute(select(a.device).where(*active)).scalars())
    tx.connection.execute(tables.agents.update().where(*active).values(revoked_at=tx.now, revoked_why=why))
    for device in devices:
        audit.append(tx, store, by, "agent.revoked", device, why)
    return devices


def _normal(code: str) -> str:
    """As it was meant: without the dashes, and with what people read for 0 and 1."""
    return _IGNORED.sub("", code).upper().translate(_READ_AS)


def _hash(secret: str) -> bytes:
    """Plain SHA-256 is enough: a code is random, 80 bits."""
    return hashlib.sha256(secret.encode()).digest()
