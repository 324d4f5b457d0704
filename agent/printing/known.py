"""What is known of a printer besides its settings, kept over restarts: whether a person paused it, what it can prove,
and by what it is recognised (table `printers`)."""

from collections.abc import Collection

import msgspec

from agent.transactions import Reading, Topic, Transaction
from domain.times import Millis
from drivers.printers.capability import Capabilities
from drivers.printers.same_place import same_place


class Known(msgspec.Struct, frozen=True):
    """What was learnt counts for the printer at `address` only: `capabilities`, None until it was asked, and
    `identity`, its MAC or serial number. A pause is of the name."""

    paused: bool = False
    capabilities: Capabilities | None = None
    probed_at: Millis | None = None
    identity: str = ""
    address: str = ""

    def at(self, address: str) -> "Known":
        return self if same_place(self.address, address) else Known(paused=self.paused)


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


def learn(tx: Transaction, name: str, address: str, capabilities: Capabilities) -> None:
    """What a conversation showed."""
    if not same_place(of(tx, name).address, address):
        _put(tx, name, address=address, identity="", probed_at=None)
    _put(tx, name, capabilities=msgspec.json.encode(capabilities).decode())


def probed(tx: Transaction, name: str, address: str, capabilities: Capabilities, identity: str) -> None:
    """It was asked for all of it. `identity` is empty where it showed none: one that it showed before stays."""
    learn(tx, name, address, capabilities)
    _put(tx, name, probed_at=tx.now)
    if identity:
        recognise(tx, name, identity=identity, address=address)


def recognise(tx: Transaction, name: str, *, identity: str, address: str) -> None:
    """The printer of this name is the one of that identity, and is at that address now."""
    _put(tx, name, identity=identity, address=address)


def rename(tx: Transaction, name: str, new: str) -> None:
    """It is the same printer."""
    tx.db.execute("DELETE FROM printers WHERE name = ?", (new,))
    tx.db.execute("UPDATE printers SET name = ? WHERE name = ?", (new, name))
    tx.touch(Topic.PRINTERS)


def keep_only(tx: Transaction, names: Collection[str]) -> None:
    """What is known of others is of printers that are gone."""
    for name in of_all(tx).keys() - names:
        forget(tx, name)


def forget(tx: Transaction, name: str) -> None:
    tx.db.execute("DELETE FROM printers WHERE name = ?", (name,))
    tx.touch(Topic.PRINTERS)


def _put(tx: Transaction, name: str, **values: str | int | None) -> None:
    tx.db.execute("INSERT OR IGNORE INTO printers (name) VALUES (?)", (name,))
    for column, value in values.items():  # names of ours, never of a caller
        tx.db.execute(f"UPDATE printers SET {column} = ? WHERE name = ?", (value, name))
    tx.touch(Topic.PRINTERS)


def _capabilities(text: str | None) -> Capabilities | None:
    return None if text is None else msgspec.json.decode(text, type=Capabilities)
