"""Settings over the local API: as they are, and changed with what counts at once and what after the next start."""

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from agent.config import Settings
from agent.parts import Parts
from agent.settings_now import Changed
from agent.settings_tables import Value


class ChangeBody(msgspec.Struct, forbid_unknown_fields=True):
    """Keys as messages name them: `{"voice.volume": 60}`."""

    changes: dict[str, Value]


@get("/api/settings", sync_to_thread=False)
def get_settings(parts: NamedDependency[Parts]) -> Settings:
    """There are no secrets among them."""
    return parts.settings


@post("/api/settings", status_code=200)
async def change_settings(parts: NamedDependency[Parts], data: JSONBody[ChangeBody]) -> Changed:
    return await parts.settings_now.change(data.changes)


HANDLERS = [get_settings, change_settings]
