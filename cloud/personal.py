"""Records of persons, sealed, beside everything else; `erase` destroys the key and with it every record."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlalchemy import Connection, delete

from cloud import tables
from cloud.statements import Sql, insert
from cloud.transaction import Transaction
from cloud.vault import Vault

_KEYS = Sql("SELECT subject, sealed_key FROM personal_keys WHERE chain = ? AND subject = ANY(?)")
_NEW_KEY = insert(tables.personal_keys, "chain", "subject", "sealed_key")
_ERASE_KEY = Sql(
    """INSERT INTO personal_keys (chain, subject, sealed_key) VALUES (?, ?, ?)
    ON CONFLICT (chain, subject) DO UPDATE SET sealed_key = excluded.sealed_key"""
)
_PUT = Sql(
    """INSERT INTO personal (chain, subject, name, sealed) VALUES (?, ?, ?, ?)
    ON CONFLICT (chain, subject, name) DO UPDATE SET sealed = excluded.sealed"""
)
_GET = Sql("SELECT subject, name, sealed FROM personal WHERE chain = ? AND subject = ANY(?)")

Record = tuple[str, str, bytes]
"""(subject, name, body as JSON or as it came)."""


def put(tx: Transaction, subject: str, name: str, body: bytes) -> None:
    put_all(tx, [(subject, name, body)])


def put_all(tx: Transaction, records: Sequence[Record], new: Collection[str] = ()) -> None:
    """Keeps the last of each (subject, name). `new` are subjects known to have no key yet: they are not looked up.

    A subject that was erased gets no record again: whatever comes late about that person is not kept.
    """
    _find_keys(tx, dict.fromkeys(subject for subject, _, _ in records), new)
    _PUT.run(
        tx.connection,
        [
            (tx.chain, subject, name, tx.vault.seal(key, subject, name, body, tx.randomness))
            for subject, name, body in records
            if (key := tx.keys[subject]) is not None
        ],
    )


def seal(tx: Transaction, subject: str, name: str, body: bytes) -> bytes | None:
    """For what is kept in a table of its own; None where the subject was erased."""
    _find_keys(tx, [subject], ())
    key = tx.keys[subject]
    return None if key is None else tx.vault.seal(key, subject, name, body, tx.randomness)


def unseal(connection: Connection, chain: str, vault: Vault, subject: str, name: str, sealed: bytes) -> bytes | None:
    """What `seal` sealed; None when the subject was erased since."""
    rows = _KEYS.rows(connection, chain, [subject])
    if not rows or not rows[0][1]:
        return None
    return vault.open(vault.open_key(subject, rows[0][1]), subject, name, sealed)


def _find_keys(tx: Transaction, subjects: Iterable[str], new: Collection[str]) -> None:
    missing = [subject for subject in subjects if subject not in tx.keys]
    old = [subject for subject in missing if subject not in new]
    stored = {row[0]: row[1] for row in _KEYS.rows(tx.connection, tx.chain, old)} if old else {}
    fresh = []
    for subject in missing:
        sealed = stored.get(subject)
        if sealed is None:
            tx.keys[subject], sealed_key = tx.vault.new_key(subject, tx.randomness)
            fresh.append((tx.chain, subject, sealed_key))
        else:
            tx.keys[subject] = tx.vault.open_key(subject, sealed) if sealed else None
    _NEW_KEY.run(tx.connection, fresh)


def get(connection: Connection, chain: str, vault: Vault, subject: str, name: str) -> bytes | None:
    """None when there is no such record, or when it was erased."""
    return get_all(connection, chain, vault, [subject]).get((subject, name))


def get_all(
    connection: Connection, chain: str, vault: Vault, subjects: Sequence[str]
) -> Mapping[tuple[str, str], bytes]:
    """Every record of these subjects that can still be read, by (subject, name)."""
    if not subjects:
        return {}
    wanted = list(dict.fromkeys(subjects))
    keys = {
        subject: vault.open_key(subject, sealed) for subject, sealed in _KEYS.rows(connection, chain, wanted) if sealed
    }
    return {
        (subject, name): vault.open(keys[subject], subject, name, sealed)
        for subject, name, sealed in _GET.rows(connection, chain, wanted)
        if subject in keys
    }


def erased(connection: Connection, chain: str, subject: str) -> bool:
    """Whether there was a person here who was erased since."""
    return any(not sealed for _, sealed in _KEYS.rows(connection, chain, [subject]))


def erase(tx: Transaction, subject: str) -> None:
    """An empty key stays as the mark that this subject was erased; the sealed records and images go as well."""
    tx.keys[subject] = None
    _ERASE_KEY.run(tx.connection, [(tx.chain, subject, b"")])
    tx.connection.execute(
        delete(tables.personal).where(tables.personal.c.chain == tx.chain, tables.personal.c.subject == subject)
    )
    tx.connection.execute(
        delete(tables.blobs).where(tables.blobs.c.chain == tx.chain, tables.blobs.c.order_id == subject)
    )
