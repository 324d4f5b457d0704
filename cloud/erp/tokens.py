"""The tokens of the ERP's programs at headquarters: long-lived, hashed where they rest, good at /erp only."""

import hashlib
import secrets as randomness

import msgspec
from sqlalchemy import Connection, select

from cloud import audit, tables
from cloud.errors import HubError
from cloud.transaction import Transaction
from cloud.upsert import Value, upsert
from domain.times import HOUR, Millis

PREFIX = "yl_erp_"
LONGEST_NAME = 40


class BadTokenName(HubError):
    """Nobody could tell which program it is."""


class KnownToken(msgspec.Struct, frozen=True):
    """`used_at` is exact to the hour."""

    name: str
    made_at: Millis
    used_at: Millis | None
    revoked_at: Millis | None


def make(tx: Transaction, name: str, *, by: str) -> str:
    """Shown this once; the one before of that name opens nothing any more. Raises `BadTokenName`."""
    name = name.strip()
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise BadTokenName(f"a token's name has 1 to {LONGEST_NAME} characters", hint="such as: erp-hq")
    token = f"{PREFIX}{randomness.token_urlsafe(32)}"
    values: dict[str, Value] = {"token_hash": _hash(token), "made_at": tx.now, "used_at": None, "revoked_at": None}
    upsert(tx, tables.erp_tokens, {"name": name}, values)
    audit.append(tx, "", by, "erp.token_made", name)
    return token


def revoke(tx: Transaction, name: str, *, by: str) -> bool:
    t = tables.erp_tokens
    ended = t.update().where(t.c.chain == tx.chain, t.c.name == name, t.c.revoked_at.is_(None))
    if not tx.connection.execute(ended.values(revoked_at=tx.now)).rowcount:
        return False
    audit.append(tx, "", by, "erp.token_revoked", name)
    return True


def listed(connection: Connection, chain: str) -> tuple[KnownToken, ...]:
    t = tables.erp_tokens.c
    query = select(t.name, t.made_at, t.used_at, t.revoked_at).where(t.chain == chain).order_by(t.name)
    return tuple(KnownToken(*row) for row in connection.execute(query))


def find(connection: Connection, chain: str, token: str) -> KnownToken | None:
    """Looked up by its hash: what is compared says nothing about what is near."""
    if not token.startswith(PREFIX):
        return None
    t = tables.erp_tokens.c
    query = select(t.name, t.made_at, t.used_at, t.revoked_at).where(
        t.chain == chain, t.token_hash == _hash(token), t.revoked_at.is_(None)
    )
    row = connection.execute(query).first()
    return None if row is None else KnownToken(*row)


def is_stale(known: KnownToken, now: Millis) -> bool:
    """When it was last used ought to be written down anew."""
    return known.used_at is None or now - known.used_at >= HOUR


def used(tx: Transaction, name: str) -> None:
    t = tables.erp_tokens
    tx.connection.execute(t.update().where(t.c.chain == tx.chain, t.c.name == name).values(used_at=tx.now))


def _hash(token: str) -> bytes:
    """Of 256 random bits: no salt is needed."""
    return hashlib.sha256(token.encode()).digest()
