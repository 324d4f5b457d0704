"""One look at everything that says how the store is."""

from agent import board
from agent.erp import standing
from agent.health import Seen
from agent.parts import Parts
from agent.state import state
from agent.storage.room import free_on


async def look(parts: Parts) -> Seen:
    """Raises StorageError."""
    return Seen(
        state=await state(parts),
        cards=(await parts.work.aread(board.board)).cards,
        trouble=parts.work.trouble,
        scarce=parts.work.scarce,
        stuck_documents=await parts.work.aread(standing.stuck),
        free=free_on(parts.settings.folder),
    )
