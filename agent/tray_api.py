"""The local API for the tray."""

import logging
import shutil

from litestar import get
from litestar.di import NamedDependency

from agent import board
from agent.errors import StorageError
from agent.health import Seen
from agent.pages.words import Words
from agent.parts import Parts
from agent.state import state
from agent.tray_view import TrayView, tray_view, without_data

log = logging.getLogger(__name__)


@get("/api/tray")
async def get_tray(parts: NamedDependency[Parts]) -> TrayView:
    """Answers also when the data file does not: that is what the tray must show."""
    words = Words(parts.settings.language)
    try:
        cards = (await parts.work.aread(board.board)).cards
        free = shutil.disk_usage(parts.settings.folder).free
        seen = Seen(await state(parts), cards, parts.work.trouble, free)
        return tray_view(seen, await parts.voice.announcements(words), parts.voice.view, words)
    except StorageError as error:
        log.error("the tray cannot be told how the store is: %s", error)
        return without_data(parts.version, error, words)


HANDLERS = [get_tray]
