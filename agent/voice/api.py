"""The local API of what the store hears: what waits, its sound, and who plays it."""

from typing import Annotated, Literal

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from agent import announcements, orders
from agent.pages.words import Words
from agent.parts import Parts
from agent.transactions import Transaction
from agent.voice.voice import Announcement, VoiceView

MOST_MINUTES = 12 * 60


class HereBody(msgspec.Struct, forbid_unknown_fields=True):
    player: Literal["tray"]


class PauseBody(msgspec.Struct, forbid_unknown_fields=True):
    minutes: Annotated[int, msgspec.Meta(ge=1, le=MOST_MINUTES)]


class Here(msgspec.Struct, frozen=True):
    """`say`: to be fetched, played and reported as spoken; None while there is nothing."""

    say: Announcement | None


@get("/api/announcements")
async def get_announcements(parts: NamedDependency[Parts]) -> tuple[Announcement, ...]:
    return await parts.voice.announcements(Words(parts.settings.language))


@get("/api/announcements/{id:str}/sound")
async def get_sound(parts: NamedDependency[Parts], id: FromPath[str]) -> Response[bytes]:
    return Response(await parts.voice.sound(id), media_type="audio/wav")


@post("/api/announcements/{id:str}/seen", status_code=200)
async def announcement_seen(parts: NamedDependency[Parts], id: FromPath[str]) -> VoiceView:
    await parts.voice.seen(id)
    return parts.voice.view


@post("/api/announcements/{id:str}/spoken", status_code=200, sync_to_thread=False)
def announcement_spoken(parts: NamedDependency[Parts], id: FromPath[str]) -> VoiceView:
    parts.voice.spoken(id)
    return parts.voice.view


@post("/api/orders/{order_id:str}/seen", status_code=200)
async def order_seen(parts: NamedDependency[Parts], order_id: FromPath[str]) -> VoiceView:
    def see(tx: Transaction) -> None:
        announcements.seen(tx, orders.get(tx, order_id).order_id)

    await parts.work.awrite(see)
    return parts.voice.view


@get("/api/voice", sync_to_thread=False)
def get_voice(parts: NamedDependency[Parts]) -> VoiceView:
    return parts.voice.view


@post("/api/voice/here", status_code=200, sync_to_thread=False)
def voice_here(parts: NamedDependency[Parts], data: JSONBody[HereBody]) -> Here:
    return Here(parts.voice.here())


@post("/api/voice/pause", status_code=200, sync_to_thread=False)
def pause_voice(parts: NamedDependency[Parts], data: JSONBody[PauseBody]) -> VoiceView:
    parts.voice.pause(data.minutes)
    return parts.voice.view


@post("/api/voice/resume", status_code=200, sync_to_thread=False)
def resume_voice(parts: NamedDependency[Parts]) -> VoiceView:
    parts.voice.resume()
    return parts.voice.view


HANDLERS = [
    get_announcements,
    get_sound,
    announcement_seen,
    announcement_spoken,
    order_seen,
    get_voice,
    voice_here,
    pause_voice,
    resume_voice,
]
