"""What a writer remembers of the chain's shape between transactions, so that intake need not ask for it each time."""

from dataclasses import dataclass, field

from domain.modes import Mode
from domain.orders import AcceptRule


@dataclass(frozen=True, slots=True)
class Store:
    store: str
    name: str
    accept: AcceptRule
    lead: int
    """Booked orders print so long before their time, ms."""
    mode: Mode


@dataclass(frozen=True, slots=True)
class Listed:
    """What an order's line takes from the catalogue."""

    maker: str
    prescription: bool


UNLISTED = Listed("", False)


@dataclass(slots=True)
class Memory:
    """Only what was found is remembered: an unknown shop or product is asked for again.

    Forgotten when the chain's shape changes, when a transaction is rolled back, and when another connection wrote.
    """

    stores: dict[str, Store] = field(default_factory=dict)
    shops: dict[tuple[str, str], str] = field(default_factory=dict)
    """(channel, shop) → store."""
    products: dict[str, Listed] = field(default_factory=dict)
    """By sku."""
    barcodes: dict[str, str] = field(default_factory=dict)
    """Barcode → sku."""

    def forget(self) -> None:
        self.stores.clear()
        self.shops.clear()
        self.products.clear()
        self.barcodes.clear()
