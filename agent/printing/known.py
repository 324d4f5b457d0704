"""What is known of a printer besides its settings, kept over restarts: whether a person paused it, what it can prove,
and by what it is recognised (table `printers`)."""

import msgspec

from agent.transactions import Reading, Topic, Transaction
from domain.times import Millis
from drivers.printers.capability import Capabilities


class Known(msgspec.Struct, frozen=True):
    """`capabilities` is None until it was asked; `identity` is its MAC or serial number, `address` where a printer of
    that identity was seen last."""

    paused: bool = False
    capabilities: Capabilities | None = None
    probed_at: Millis | None = None
    identity: str = ""
    address: str = ""


NOTHING = Known()


def of_all(reading: Reading) -> dict[str, Known]:
    """By the printer's name; one that is missing is not known yet."""
    rows = reading.db.execute("SELECT * FROM printers").fetchall()
    return {
        row["name"]: Known(
            paused=bool(row["paused"]),
            capabilities=_capabilities(row["capabilities"]),
            probed_at=row["probed_at"],
            identity=row["identity"],
            address=row["address"],
        )
        for row in rows
    }


def of(reading: Reading, name: str) -> Known:
    return of_all(reading).get(name, NOTHING)


def pause(tx: Transaction, name: str, paused: bool) -> None:
    _put(tx, name, paused=int(paused))


def learn(tx: Transaction, name: str, capabilities: Capabilities, probed_at: Millis | None = None) -> None:
    """What a conversation showed; `probed_at` where the printer was asked for all of it."""
    said = msgspec.json.encode(capabilities).decode()
    if probed_at is None:
        _put(tx, name, capabilities=said)
    else:
        _put(tx, name, capabilities=said, probed_at=probed_at)


def recognise(tx: Transaction, name: str, *, identity: str, address: str) -> None:
    _put(tx, name, identity=identity, address=address)


def rename(tx: Transaction, name: str, new: str) -> None:
    """It is the same printer."""
    forget(tx, new)
    tx.db.execute("UPDATE printers SET name = ? WHERE name = ?", (new, name))
    tx.touch(Topic.PRINTERS)


def forget(tx: Transaction, name: str) -> None:
    tx.db.execute("DELETE FROM printers WHERE name = ?", (name,))
    tx.touch(Topic.PRINTERS)


def _put(tx: Transaction, name: str, **values: str | int) -> None:
    tx.db.execute("INSERT OR IGNORE INTO printers (name) VALUES (?)", (name,))
    for column, value in values.items():  # names of ours, never of a caller
        tx.db.execute(f"UPDATE printers SET {column} = ? WHERE name = ?", (value, name))
    tx.touch(Topic.PRINTERS)


def _capabilities(text: str | None) -> Capabilities | None:
    return None if text is None else msgspec.json.decode(text, type=Capabilities)
