"""How each log is folded into a snapshot, by its name: chain-wide logs by `CHAIN_WIDE`, the rest are the stores'."""

from functools import partial

from cloud.snapshots import of_catalogue, of_codes, of_prices, of_store
from cloud.snapshots.rows import Fold
from domain.events import CATALOGUE, CODES, PRICES, STORE_LOGS

CHAIN_WIDE: dict[str, Fold] = {CATALOGUE: of_catalogue.fold, PRICES: of_prices.fold, CODES: of_codes.fold}


def fold_of(log: str) -> Fold:
    """Raises `KeyError` for a log that nobody knows how to fold."""
    if log.startswith(STORE_LOGS):
        return partial(of_store.fold, store=log.removeprefix(STORE_LOGS))
    return CHAIN_WIDE[log]
