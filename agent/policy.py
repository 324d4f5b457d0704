"""The chain's policy as this store knows it; without a word from headquarters, what `ChainPolicy` says by itself."""

import msgspec

from agent.transactions import Reading, Topic, Transaction
from domain.events import PolicySet
from domain.policy import ChainPolicy

_NAME = "policy"


def in_force(reading: Reading) -> ChainPolicy:
    row = reading.db.execute("SELECT body FROM set_by_hub WHERE name = ?", (_NAME,)).fetchone()
    return ChainPolicy() if row is None else msgspec.json.decode(row["body"], type=ChainPolicy)


def put(tx: Transaction, event: PolicySet) -> None:
    keep(tx, _NAME, msgspec.json.encode(event.policy))


def keep(tx: Transaction, name: str, body: bytes) -> None:
    """Replaces one record that headquarters set."""
    tx.db.execute(
        "INSERT INTO set_by_hub (name, body, set_at) VALUES (?, ?, ?)"
        " ON CONFLICT DO UPDATE SET body = excluded.body, set_at = excluded.set_at",
        (name, body, tx.now),
    )
    tx.touch(Topic.STORE)
