"""Ending the work on an order: cancelled, refunded in full, or finished in the platform's own app."""

from agent import order_slips, picks, trail
from agent.picking import asks
from agent.transactions import Transaction
from domain.picks import MOVES, PickState
from domain.trail import StepKind


def stop_work(tx: Transaction, order_id: str, *, taken: bool, quietly: bool = False) -> None:
    """Picking stops and nobody prints for it any more. Unless the rider took the goods, they are to be put back and
    their codes are free again. `quietly`: no stop slip follows what lies on paper."""
    back = () if taken else picks.release_all(tx, order_id)
    _end_pick(tx, order_id, taken=taken, to_put_back=len(back))
    (order_slips.withdraw if quietly else order_slips.stop)(tx, order_id)


def finished_elsewhere(tx: Transaction, order_id: str) -> None:
    """In the platform's own app: whatever the bag holds went with it and stays bound."""
    _end_pick(tx, order_id, taken=True, to_put_back=0)


def _end_pick(tx: Transaction, order_id: str, *, taken: bool, to_put_back: int) -> None:
    """A pick that ended stays ended."""
    pick = picks.load(tx, order_id)
    asks.drop_of_order(tx, order_id)
    if PickState.STOPPED in MOVES[pick.state]:
        picks.advance(tx, pick, PickState.STOPPED)
        trail.record(tx, order_id, StepKind.STOPPED, was=pick.state, taken=taken, to_put_back=to_put_back)
