"""Brings the data files into order at every start, before any printer or the hub is spoken to."""

from functools import partial

from agent import attempts, outbox, slips
from agent.apply import retry_quarantined
from agent.files import DataFile, WorkFile
from agent.snapshots import left_out
from agent.transactions import Transaction


def recover(tx: Transaction) -> int:
    """Slips that were in flight become unknown, and operations that the hub did not take are sent again. Returns how
    many slips a person must look for."""
    outbox.send_again(tx)
    return slips.recover(tx)


async def recover_all(work: WorkFile, version: str) -> None:
    await take_up(work, version)
    await work.awrite(recover)


async def take_up(file: DataFile, version: str) -> int:
    """Counts the event at which the last process died; only then tries again what was set aside, since that may kill
    this process too. Asks for a snapshot where an older program was not told everything. Returns how many events were
    applied after all."""
    await file.awrite(partial(attempts.begin, version=version))
    file.mark.clear()
    await file.awrite(left_out.doubt)
    return await file.awrite(retry_quarantined)
