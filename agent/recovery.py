"""Once at start, before any printer or the hub is spoken to."""

from agent import outbox, slips
from agent.apply import retry_quarantined
from agent.transactions import Transaction


def recover(tx: Transaction) -> int:
    """Slips that were in flight become unknown, and what an older program set aside or an older hub did not know is
    tried again. Returns how many slips a person must look for."""
    retry_quarantined(tx)
    outbox.send_again(tx)
    return slips.recover(tx)
