"""What a store hears: an order placed at the platform is spoken through this computer at once, again until somebody
works on it, and then no more."""

import time
from collections.abc import Iterator

import pytest

from drivers.sound import chimes, pcm
from drivers.speech.packaged import RATE, PackagedSpeech
from tests.end_to_end.loudspeaker import Loudspeaker
from tests.end_to_end.meituan import Meituan
from tests.end_to_end.shop import Shop
from tests.waiting import eventually, never

VOLUME, REPEAT_S = 60, 5


@pytest.fixture
def listening(shop: Shop) -> Iterator[None]:
    """Nothing else waits to be heard, and sentences come again soon."""
    for waiting in shop.page.get("/api/announcements"):
        shop.page.post(f"/api/announcements/{waiting['id']}/seen")
    shop.page.post("/api/settings", changes={"voice.repeat_seconds": REPEAT_S, "voice.volume": VOLUME})
    yield
    shop.page.post("/api/settings", changes={"voice.repeat_seconds": 20, "voice.volume": 80})


def sentence(*words: str, tones: tuple[tuple[float, float], ...] = chimes.NEWS) -> bytes:
    """As it must reach the sound card."""
    whole = pcm.join(RATE, (chimes.chime(tones, RATE), PackagedSpeech().say(words)), gap_ms=120)
    return pcm.write(whole, volume=VOLUME)


def natural(number: int) -> tuple[str, ...]:
    """The day's first orders, by hand."""
    digits = "零一二三四五六七八九"
    tens, ones = divmod(number, 10)
    return (*(digits[tens] if tens > 1 else ""), *("十" if tens else ""), *(digits[ones] if ones else ""))


@pytest.mark.usefixtures("listening")
def test_an_order_is_heard_until_somebody_works_on_it(shop: Shop, meituan: Meituan, loudspeaker: Loudspeaker) -> None:
    placed = meituan.order("S001", ("M0003", 1))
    number = natural(placed["day_seq"])
    announced = sentence("美团", "新订单", *number, "号")
    eventually(lambda: announced in loudspeaker.sounds(), "the new order is spoken")
    meituan.do(placed["order_id"], "urge")
    urged = sentence("美团", *number, "号", "催单")
    eventually(lambda: urged in loudspeaker.sounds(), "the customer urges")
    eventually(lambda: loudspeaker.sounds().count(announced) > 1, "it is said again", within=REPEAT_S + 60)
    shop.page.post(f"/api/orders/{shop.order(placed['day_seq'])['card']['order_id']}/start")
    time.sleep(3.0)  # what was being said is said to its end

    def said() -> int:
        return sum(sound in (announced, urged) for sound in loudspeaker.sounds())

    told = said()
    never(lambda: said() > told, "somebody works on it", for_=REPEAT_S + 1)
    meituan.do(placed["order_id"], "cancel")
    cancelled = sentence("美团", *number, "号", "订单已取消", "停止拣货", tones=chimes.ALARM)
    eventually(lambda: cancelled in loudspeaker.sounds(), "picking must stop")
