"""The audit: append-only, one chain of hashes per store, checkpoints of all heads signed for the chain (design.md §5).

A chain of hashes alone does not show that its end was cut off; a checkpoint kept elsewhere does.
"""

from collections import defaultdict
from collections.abc import Iterator

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import Connection, select

from cloud import tables
from cloud.statements import Sql, insert
from cloud.transaction import AuditEntry, Transaction
from domain.dossier import audit_hash
from domain.times import Millis

OPERATOR = "operator"
"""The actor. There is one operator's token until people get accounts of their own; who decided may stand beside it."""
FIRST_HASH = bytes(32)
"""What the first entry of a chain follows."""

_LOCK_HEADS = Sql(
    "SELECT store, head, hash FROM audit_heads WHERE chain = ? AND store = ANY(?) ORDER BY store FOR UPDATE"
)
_NEW_HEAD = Sql(
    "INSERT INTO audit_heads (chain, store, head, hash) VALUES (?, ?, 0, ?) ON CONFLICT (chain, store) DO NOTHING"
)
_MOVE_HEAD = Sql("UPDATE audit_heads SET head = ?, hash = ? WHERE chain = ? AND store = ?")
_ENTRY = insert(tables.audit, "chain", "store", "seq", "at", "actor", "action", "subject", "detail", "hash")

Heads = dict[str, tuple[int, bytes]]
"""Store → (number of its last entry, that entry's hash)."""


class Flaw(msgspec.Struct, frozen=True):
    """One place where the audit is not what was written; store and number say which entry."""

    store: str
    seq: int
    what: str


def append(tx: Transaction, store: str, actor: str, action: str, subject: str, detail: str = "") -> None:
    """Stands in the audit when the transaction commits. `actor` is a channel, a device, an operator or "hub"."""
    tx.happened.append(AuditEntry(store, tx.now, actor, action, subject, detail))


def chain_up(tx: Transaction) -> None:
    """Numbers, hashes and writes the collected entries. Called once, by `cloud.commit.finish`."""
    if not tx.happened:
        return
    by_store: dict[str, list[AuditEntry]] = defaultdict(list)
    for entry in tx.happened:
        by_store[entry.store].append(entry)
    heads = _lock_heads(tx, sorted(by_store))
    rows = []
    for store, entries in by_store.items():
        seq, last = heads[store]
        for entry in entries:
            seq += 1
            last = link(last, tx.chain, seq, entry)
            rows.append((tx.chain, store, seq, entry.at, entry.actor, entry.action, entry.subject, entry.detail, last))
        heads[store] = (seq, last)
    _ENTRY.run(tx.connection, rows)
    _MOVE_HEAD.run(tx.connection, [(*heads[store], tx.chain, store) for store in sorted(by_store)])


def _lock_heads(tx: Transaction, stores: list[str]) -> Heads:
    rows = _LOCK_HEADS.rows(tx.connection, tx.chain, stores)
    if len(rows) < len(stores):
        _NEW_HEAD.run(tx.connection, [(tx.chain, store, FIRST_HASH) for store in stores])
        rows = _LOCK_HEADS.rows(tx.connection, tx.chain, stores)
    return {store: (head, last) for store, head, last in rows}


def link(last: bytes, chain: str, seq: int, entry: AuditEntry) -> bytes:
    """An entry's hash covers the one before it and every column of its own."""
    columns = (entry.store, seq, entry.at, entry.actor, entry.action, entry.subject, entry.detail)
    return audit_hash(last, chain, columns)


def verify(connection: Connection, chain: str, signer: Ed25519PublicKey | None = None) -> list[Flaw]:
    """Every place where entries, heads or checkpoints disagree; empty when all is as it was written."""
    heads: Heads = {}
    flaws = list(_broken_links(connection, chain, heads))
    flaws += _wrong_heads(connection, chain, heads)
    if signer is not None:
        flaws += _broken_checkpoints(connection, chain, signer)
    return flaws


def _broken_links(connection: Connection, chain: str, heads: Heads) -> Iterator[Flaw]:
    """Walks every chain; leaves in `heads` where each one really ends."""
    a = tables.audit.c
    rows = connection.execute(select(tables.audit).where(a.chain == chain).order_by(a.store, a.seq))
    for row in rows:
        seq, last = heads.get(row.store, (0, FIRST_HASH))
        entry = AuditEntry(row.store, row.at, row.actor, row.action, row.subject, row.detail)
        if row.seq != seq + 1:
            yield Flaw(row.store, row.seq, f"entries {seq + 1} to {row.seq - 1} are missing")
        elif link(last, chain, row.seq, entry) != row.hash:
            yield Flaw(row.store, row.seq, "the entry or its hash was changed")
        heads[row.store] = (row.seq, row.hash)


def _wrong_heads(connection: Connection, chain: str, heads: Heads) -> Iterator[Flaw]:
    h = tables.audit_heads.c
    stored: Heads = {
        row.store: (row.head, row.hash)
        for row in connection.execute(select(tables.audit_heads).where(h.chain == chain))
    }
    for store in sorted(stored.keys() | heads.keys()):
        if stored.get(store) != heads.get(store):
            seq = max(stored.get(store, (0, b""))[0], heads.get(store, (0, b""))[0])
            yield Flaw(store, seq, "the chain does not end where its head says")


def checkpoint(tx: Transaction, signer: Ed25519PrivateKey) -> None:
    """Signs where every chain ended before this transaction. Kept here and, by whoever asked, somewhere else."""
    h = tables.audit_heads.c
    rows = tx.connection.execute(select(tables.audit_heads).where(h.chain == tx.chain).order_by(h.store))
    heads = msgspec.json.encode({row.store: (row.head, row.hash.hex()) for row in rows})
    tx.connection.execute(
        tables.checkpoints.insert().values(
            chain=tx.chain, at=tx.now, heads=heads, signature=signer.sign(_signed(tx.chain, tx.now, heads))
        )
    )


def _signed(chain: str, at: Millis, heads: bytes) -> bytes:
    return msgspec.json.encode((chain, at)) + heads


def _broken_checkpoints(connection: Connection, chain: str, signer: Ed25519PublicKey) -> Iterator[Flaw]:
    c = tables.checkpoints.c
    for row in connection.execute(select(tables.checkpoints).where(c.chain == chain).order_by(c.at)):
        try:
            signer.verify(row.signature, _signed(chain, row.at, row.heads))
        except InvalidSignature:
            yield Flaw("", row.at, "the checkpoint's signature does not fit")
            continue
        yield from _unlike_checkpoint(
            connection, chain, msgspec.json.decode(row.heads, type=dict[str, tuple[int, str]])
        )


def _unlike_checkpoint(connection: Connection, chain: str, heads: dict[str, tuple[int, str]]) -> Iterator[Flaw]:
    a = tables.audit.c
    for store, (seq, signed) in heads.items():
        query = select(a.hash).where(a.chain == chain, a.store == store, a.seq == seq)
        present = connection.execute(query).scalar_one_or_none()
        if present is None or present.hex() != signed:
            yield Flaw(store, seq, "the entry is not the one that was signed")
