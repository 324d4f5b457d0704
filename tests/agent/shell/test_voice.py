"""The voice of a running agent: one at a time, what cannot be heard is said, and what was seen is silent."""

import msgspec
import pytest

from agent.files import system_clock
from agent.voice.voice import Announcement, VoiceView
from domain.events import OrderPlaced, OrderUrged, store_log
from domain.times import SECOND
from drivers.sound import pcm
from tests.agent.core.hub import NOON, order
from tests.agent.shell.conftest import Agent
from tests.agent.shell.fake_hub import FakeHub
from tests.awaiting import seen

pytestmark = pytest.mark.asyncio(loop_scope="module")
LOG = store_log("S1")


async def waiting(agent: Agent) -> list[Announcement]:
    return await agent.get("/api/announcements", list[Announcement])


async def heard_of(agent: Agent, *sentences: str) -> list[Announcement]:
    """Once just these wait."""
    return await seen(lambda: waiting(agent), lambda found: sorted(one.sentence for one in found) == sorted(sentences))


async def test_what_waits_is_told_with_its_sound_until_it_is_seen(paired: Agent, hub: FakeHub) -> None:
    await hub.tell(LOG, OrderPlaced(order("o12")), OrderPlaced(order("o2", day_number=0)), OrderUrged("o12", NOON))
    found = await heard_of(paired, "美团新订单 12 号", "美团新订单 尾号 0002", "美团 12 号催单")
    assert {one.order_id for one in found} == {"o12", "o2"}
    sound = await paired.client.get(f"/api/announcements/{found[0].id}/sound")
    assert sound.headers["content-type"] == "audio/wav" and pcm.read(sound.content).seconds > 1.5
    assert (await paired.post("/api/orders/o12/seen")).status_code == 200
    (left,) = await heard_of(paired, "美团新订单 尾号 0002")
    assert (await paired.post(f"/api/announcements/{left.id}/seen")).status_code == 200
    assert await waiting(paired) == []
    for gone in (f"/api/announcements/{left.id}/seen", "/api/orders/o404/seen"):
        assert (await paired.post(gone)).status_code == 404
    assert (await paired.client.get(f"/api/announcements/{left.id}/sound")).status_code == 404


async def test_a_pause_has_an_end_and_bounds(agent: Agent) -> None:
    paused = msgspec.json.decode((await agent.post("/api/voice/pause", {"minutes": 30})).content, type=VoiceView)
    assert paused.paused_until is not None and 29 * 60 < (paused.paused_until - system_clock()) / SECOND <= 30 * 60
    assert (await agent.post("/api/voice/resume")).json()["paused_until"] is None
    for wrong in (0, 721, "soon", None):
        assert (await agent.post("/api/voice/pause", {"minutes": wrong})).status_code == 400
    assert (await agent.post("/api/voice/here", {"player": "radio"})).status_code == 400
