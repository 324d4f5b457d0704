"""Ending the work on an order: cancelled, refunded in full, or finished in the platform's own app."""

from agent import order_slips, picks
from agent.transactions import Transaction
from domain.picks import MOVES, PickState


def stop_work(tx: Transaction, order_id: str, *, taken: bool) -> None:
    """Picking stops and nobody prints for it any more. Unless the rider took the goods, their codes are free again."""
    end_pick(tx, order_id)
    if not taken:
        picks.release_all(tx, order_id)
    order_slips.stop(tx, order_id)


def end_pick(tx: Transaction, order_id: str) -> None:
    """A pick that ended stays ended; whatever its bag holds stays bound."""
    pick = picks.load(tx, order_id)
    if PickState.STOPPED in MOVES[pick.state]:
        picks.advance(tx, pick, PickState.STOPPED)
