"""Where what was recorded lies."""

from dataclasses import dataclass
from pathlib import Path

import msgspec

FULL, NORMAL, OFF, EARLY = "FULL", "NORMAL", "OFF", "EARLY"
MODES = (FULL, NORMAL, OFF, EARLY)
"""The product, and the controls: SQLite's `synchronous` otherwise; or synced as it should be, but the hub answers
before it commits, and the agent moves its cursor before the effect."""
STORE = "S1"
SIDES = ("hub", STORE)


class Ledger(msgspec.Struct, frozen=True):
    """What buyers and people were told while the world went on."""

    answered: set[str]
    """The hub's ids of orders."""
    heard: set[str]
    """Codes with a good verdict."""
    sold: set[str]


@dataclass(frozen=True, slots=True)
class World:
    folder: Path
    mode: str

    def files(self, side: str) -> Path:
        """What the program left in the end."""
        return self.folder / side

    def begun_as(self, side: str) -> Path:
        return self.folder / f"{side}.begun"

    def log(self, side: str) -> Path:
        return self.folder / f"{side}.power"

    def to_read(self, side: str) -> Path:
        """A copy of it: several processes look into its files at once, which SQLite puts others beside meanwhile, and
        what the program left must stay as it was."""
        return self.folder / f"{side}.read"

    @property
    def hub_file(self) -> Path:
        return self.to_read("hub") / "hub.db"

    @property
    def ledger_file(self) -> Path:
        return self.folder / "ledger.json"

    @property
    def ledger(self) -> Ledger:
        return msgspec.json.decode(self.ledger_file.read_bytes(), type=Ledger)
