"""Which store this is, which hub it belongs to, and how that hub wants it to work.

The device's key is not here: it is kept by `agent/secrets.py` and never reaches a data file.
"""

import msgspec

from agent.transactions import Reading, Topic, Transaction
from domain.ids import uuid7
from domain.modes import Mode
from domain.orders import AcceptRule
from domain.times import MINUTE, Millis

DEFAULT_LEAD: Millis = 40 * MINUTE
"""Until the hub said otherwise: how long before the promised time a booked order is printed."""


class Identity(msgspec.Struct, frozen=True):
    """`hub_url` is empty while the agent is not paired. Whoever accepts a store's orders while it is on trial, it is
    neither its clerk nor its hub: `accept` is PLATFORM then."""

    device: str
    hub_url: str
    chain: str
    store: str
    name: str
    accept: AcceptRule
    lead: Millis
    mode: Mode
    training: bool = False
    """These are practice orders: nothing of them leaves the computer (`agent.training`)."""

    @property
    def paired(self) -> bool:
        return bool(self.hub_url)


def identity(reading: Reading) -> Identity:
    facts = {row["name"]: row["value"] for row in reading.db.execute("SELECT name, value FROM facts")}
    mode = Mode(facts.get("mode", Mode.LIVE))
    accept = AcceptRule(facts.get("accept", AcceptRule.HUB))
    return Identity(
        device=facts.get("device", ""),
        hub_url=facts.get("hub_url", ""),
        chain=facts.get("chain", ""),
        store=facts.get("store", ""),
        name=facts.get("name", ""),
        accept=accept if mode is Mode.LIVE else AcceptRule.PLATFORM,
        lead=int(facts.get("lead", DEFAULT_LEAD)),
        mode=mode,
        training="training" in facts,
    )


def fact(reading: Reading, name: str) -> str:
    """Empty where nobody put it."""
    row = reading.db.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
    return "" if row is None else str(row["value"])


def device(tx: Transaction) -> str:
    """This installation's name for the hub, made once and kept with the data."""
    if known := fact(tx, "device"):
        return known
    made = uuid7(tx.now, tx.randomness)
    put(tx, device=made)
    return made


def pair(tx: Transaction, *, hub_url: str, chain: str, store: str, name: str) -> None:
    """What an earlier pairing told of logs and keys is void."""
    put(tx, hub_url=hub_url, chain=chain, store=store, name=name, logs="", key_at="")


def slips_lost_before(reading: Reading) -> Millis:
    """Until then this store's records of its slips are not whole (agent.storage.rebuild); 0 where they are."""
    row = reading.db.execute("SELECT value FROM facts WHERE name = 'slips_lost_before'").fetchone()
    return int(row["value"]) if row is not None else 0


def put(tx: Transaction, **facts: str) -> None:
    tx.db.executemany(
        "INSERT INTO facts (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value", facts.items()
    )
    tx.touch(Topic.STORE)
