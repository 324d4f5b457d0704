"""The local API for the tray."""

import logging

from litestar import get
from litestar.di import NamedDependency

from agent.errors import StorageError
from agent.looking import look
from agent.pages.words import Words
from agent.parts import Parts
from agent.tray_view import TrayView, tray_view, without_data

log = logging.getLogger(__name__)


@get("/api/tray")
async def get_tray(parts: NamedDependency[Parts]) -> TrayView:
    """Answers also when the data file does not: that is what the tray must show."""
    words = Words(parts.settings.language)
    try:
        return tray_view(await look(parts), await parts.voice.announcements(words), parts.voice.view, words)
    except StorageError as error:
        log.error("the tray cannot be told how the store is: %s", error)
        return without_data(parts.version, error, words)


HANDLERS = [get_tray]
