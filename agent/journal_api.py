"""The log's level for a while, over the local API."""

from typing import Annotated

import msgspec
from litestar import post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from agent.config import LogLevel
from agent.journal import LONGEST_CHANGE, LevelView
from agent.parts import Parts


class LevelBody(msgspec.Struct, forbid_unknown_fields=True):
    level: LogLevel
    minutes: Annotated[float, msgspec.Meta(gt=0, le=LONGEST_CHANGE)] = 30


@post("/api/log-level", status_code=200, sync_to_thread=False)
def change_level(parts: NamedDependency[Parts], data: JSONBody[LevelBody]) -> LevelView:
    return parts.journal.change_level(data.level, data.minutes)


HANDLERS = [change_level]
