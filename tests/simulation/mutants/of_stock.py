"""What an agent makes of headquarters' word about its stock."""

from collections.abc import Collection

from agent import contained, stock
from agent.contained import Heard, Moving
from agent.snapshots import once_more
from agent.transactions import Transaction
from cloud import ledger, orders, requests
from cloud.agents import Agent
from cloud.ledger import Entry
from cloud.transaction import StockKey
from cloud.transaction import Transaction as HubTransaction
from domain.operations import SettleException
from domain.quantity import Quantity
from tests.simulation.mutants.mutant import Mutant, replaced
from tests.simulation.scenes_of_stock import (
    a_level_is_set_before_the_answer_comes,
    a_level_is_set_while_the_store_is_away,
    a_sale_is_told_while_a_snapshot_travels,
    an_old_image_holds_what_was_sent_since,
    more_is_found_than_anybody_knew_of,
)
from tests.simulation.scenes_of_versions import a_count_is_heard_before_what_it_saw

_missing_in = contained.missing_in


def _unanswered(tx: Transaction, heard: Heard, sku: str | None = None) -> list[Moving]:
    """What nobody answered is taken for unheard, and what was answered for contained."""
    return contained.unheard(tx)


def _but_of_a_snapshot(tx: Transaction, heard: Heard, sku: str | None = None) -> list[Moving]:
    return contained.unheard(tx) if sku is None else _missing_in(tx, heard, sku)


def _nothing_missing(tx: Transaction, heard: Heard, sku: str | None = None) -> list[Moving]:
    return []


def _never_again(tx: Transaction) -> None:
    """The first snapshot is believed, whatever was in doubt."""


def _not_counted(tx: Transaction, sku: str, seen: Quantity) -> None:
    """Headquarters alone counts what was found."""


def _only_where_open(tx: HubTransaction, agent: Agent, asked: SettleException) -> None:
    known = orders.load_of_store(tx, agent.store, asked.order_id)
    requests.settle(tx, agent, known, asked.exception_id, asked.choice, asked.found)


def _in_the_order_of_coming(tx: HubTransaction, keys: Collection[StockKey]) -> dict[StockKey, list[Entry]]:
    """Whatever comes moves what is there, though a count had seen it."""
    return {}


MUTANTS = (
    Mutant(
        "level taken for the whole truth",
        replaced((contained, "missing_in", _nothing_missing)),
        a_level_is_set_while_the_store_is_away,
    ),
    Mutant(
        "unanswered taken for unheard",
        replaced((contained, "missing_in", _unanswered)),
        a_level_is_set_before_the_answer_comes,
    ),
    Mutant(
        "snapshot taken for the newest",
        replaced((contained, "missing_in", _but_of_a_snapshot)),
        a_sale_is_told_while_a_snapshot_travels,
    ),
    Mutant(
        "found counted at headquarters alone",
        replaced((stock, "found", _not_counted)),
        more_is_found_than_anybody_knew_of,
    ),
    Mutant(
        "found forgotten where the question is settled",
        replaced((requests, "settle_exception", _only_where_open)),
        more_is_found_than_anybody_knew_of,
    ),
    Mutant(
        "one snapshot for what is in doubt",
        replaced((once_more, "ask", _never_again)),
        an_old_image_holds_what_was_sent_since,
    ),
    Mutant(
        "a count lowered once more by what it had seen",
        replaced((ledger, "later", _in_the_order_of_coming)),
        a_count_is_heard_before_what_it_saw,
    ),
)
