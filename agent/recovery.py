"""Once at start, before any printer or the hub is spoken to."""

from functools import partial

from agent import attempts, outbox, slips
from agent.apply import retry_quarantined
from agent.files import DataFile, WorkFile
from agent.snapshots import left_out
from agent.transactions import Transaction


def recover(tx: Transaction) -> int:
    """Slips that were in flight become unknown, and what an older hub did not know is sent again. Returns how many
    slips a person must look for."""
    outbox.send_again(tx)
    return slips.recover(tx)


async def recover_all(work: WorkFile, version: str) -> None:
    await take_up(work, version)
    await work.awrite(recover)


async def take_up(file: DataFile, version: str) -> int:
    """What the last process died of is counted, and only then is anything set aside tried again: it may kill this one
    too. What an older program was not told is asked for. Returns how many events were applied after all."""
    await file.awrite(partial(attempts.begin, version=version))
    file.mark.clear()
    await file.awrite(left_out.doubt)
    return await file.awrite(retry_quarantined)
