"""The document as it was sent, for whoever asks later what a slip said.

It is sealed under its order's key: erasing the person erases it. A slip of no order says nothing about anybody and is
kept as it is. Pictures (a logo) are kept once each, beside.
"""

import hashlib
import logging

import msgspec

from agent import personal
from agent.errors import SealBroken
from agent.slips import Slip
from agent.transactions import Reading, Transaction
from agent.vault import seal, unseal
from domain.slips import SlipKind
from drivers.printers.document import Document, Picture

log = logging.getLogger(__name__)

OF_NO_PERSON = frozenset({SlipKind.SHIFT, SlipKind.TEST})


def keep(tx: Transaction, slip: Slip, document: Document) -> None:
    """In the transaction that begins the sending; a later sending of the same slip replaces it."""
    plain = msgspec.json.encode(_pictures_beside(tx, document))
    if slip.order_id:
        body = seal(personal.key_of(tx, slip.order_id), plain, _label(slip), tx.randomness)
    elif slip.kind in OF_NO_PERSON:
        body = plain
    else:
        raise ValueError(f"slip {slip.slip_id}: a {slip.kind} slip of no order is not kept unsealed")
    tx.db.execute(
        "INSERT INTO papers (slip_id, sealed, at) VALUES (?, ?, ?)"
        " ON CONFLICT DO UPDATE SET sealed = excluded.sealed, at = excluded.at",
        (slip.slip_id, body, tx.now),
    )


def of(reading: Reading, slip: Slip) -> Document | None:
    """None where it was never sent, or where its person was erased."""
    row = reading.db.execute("SELECT sealed FROM papers WHERE slip_id = ?", (slip.slip_id,)).fetchone()
    if row is None:
        return None
    try:
        plain = _opened(reading, slip, row["sealed"])
        return None if plain is None else _pictures_back(reading, msgspec.json.decode(plain, type=Document))
    except (SealBroken, msgspec.MsgspecError) as error:
        log.error("the paper of slip %s cannot be read: %s", slip.slip_id, type(error).__name__)
        return None


def _opened(reading: Reading, slip: Slip, sealed: bytes) -> bytes | None:
    if not slip.order_id:
        return sealed
    key = personal.known_key(reading, slip.order_id)
    return None if key is None else unseal(key, sealed, _label(slip))


def _label(slip: Slip) -> str:
    return f"{slip.order_id}/slip:{slip.slip_id}"


def _pictures_beside(tx: Transaction, document: Document) -> Document:
    """Each picture's place keeps its digest."""
    blocks = []
    for block in document.blocks:
        if isinstance(block, Picture):
            digest = hashlib.sha256(block.png).digest()
            tx.db.execute(
                "INSERT INTO paper_pictures (digest, png) VALUES (?, ?) ON CONFLICT DO NOTHING", (digest, block.png)
            )
            block = msgspec.structs.replace(block, png=digest)
        blocks.append(block)
    return Document(tuple(blocks))


def _pictures_back(reading: Reading, document: Document) -> Document:
    blocks = []
    for block in document.blocks:
        if isinstance(block, Picture):
            row = reading.db.execute("SELECT png FROM paper_pictures WHERE digest = ?", (block.png,)).fetchone()
            block = msgspec.structs.replace(block, png=row["png"])
        blocks.append(block)
    return Document(tuple(blocks))
