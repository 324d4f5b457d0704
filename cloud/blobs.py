"""Blobs at the hub: prescription images and photos, each sealed under the key of its order, found by their SHA-256."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection

from cloud import personal
from cloud.errors import BlobRefused
from cloud.statements import Sql
from cloud.transaction import Transaction
from cloud.vault import Vault
from domain.blobs import LARGEST, PICTURES, Blob, digest

PDF = "application/pdf"
"""How electronic prescriptions often come; offered for download, never shown in a page."""
KINDS = (*PICTURES, PDF)

_NEW = Sql(
    """INSERT INTO blobs (chain, order_id, digest, store, size, media_type, at, sealed) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (chain, order_id, digest) DO NOTHING"""
)
_KNOWN = Sql("SELECT size, media_type FROM blobs WHERE chain = ? AND order_id = ? AND digest = ?")
_OF_ORDER = Sql("SELECT order_id, media_type, sealed FROM blobs WHERE chain = ? AND digest = ? AND order_id = ?")
_OF_STORE = Sql("SELECT order_id, media_type, sealed FROM blobs WHERE chain = ? AND digest = ? AND store = ?")


def keep(tx: Transaction, order_id: str, store: str, content: bytes) -> Blob | None:
    """The same bytes again are the same blob; None where the order's person was erased. Raises `BlobRefused`."""
    blob = Blob(digest(content), len(content), media_type(content))
    if _KNOWN.rows(tx.connection, tx.chain, order_id, blob.digest):
        return blob
    sealed = personal.seal(tx, order_id, _name(blob.digest), content)
    if sealed is None:
        return None
    row = (tx.chain, order_id, blob.digest, store, blob.size, blob.media_type, tx.now, sealed)
    _NEW.run(tx.connection, [row])
    return blob


def of_order(connection: Connection, chain: str, vault: Vault, order_id: str, name: str) -> tuple[str, bytes] | None:
    """Media type and bytes; None while it is not here, and once it was erased."""
    return _opened(connection, chain, vault, name, _OF_ORDER.rows(connection, chain, name, order_id))


def of_store(connection: Connection, chain: str, vault: Vault, store: str, name: str) -> tuple[str, bytes] | None:
    """As `of_order`, of whichever order of the store has it."""
    return _opened(connection, chain, vault, name, _OF_STORE.rows(connection, chain, name, store))


def _opened(
    connection: Connection, chain: str, vault: Vault, name: str, rows: Iterable[tuple[Any, ...]]
) -> tuple[str, bytes] | None:
    for order_id, kind, sealed in rows:
        content = personal.unseal(connection, chain, vault, order_id, _name(name), sealed)
        if content is not None:
            return kind, content
    return None


def media_type(content: bytes) -> str:
    """By what it is, not by what it is called. Raises `BlobRefused` for what nobody could look at."""
    if len(content) > LARGEST:
        raise BlobRefused(f"{len(content)} bytes are more than {LARGEST}", hint="a smaller photo")
    for kind, begins in ((PICTURES[0], b"\xff\xd8\xff"), (PICTURES[1], b"\x89PNG\r\n\x1a\n"), (PDF, b"%PDF-")):
        if content.startswith(begins):
            return kind
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return PICTURES[2]
    raise BlobRefused("neither JPEG, PNG, WebP nor PDF", hint="send the picture itself, not a page about it")


def _name(blob_digest: str) -> str:
    """Under which it is sealed."""
    return f"blob:{blob_digest}"
