from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from installer.simulators.meituan import Simulator
from installer.simulators.meituan.settings import KINDS, CallbackUrls, Config, Medicine, Shop
from installer.simulators.meituan.switches import Switches
from tests.installer.simulators.receiver import APP_ID, SECRET, Caller, Receiver


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def config(receiver: Receiver) -> Config:
    medicines = (
        Medicine(app_medicine_code="M0001", name="阿莫西林胶囊 0.25g*24粒", spec="0.25g*24粒", price_fen=1500),
        Medicine(app_medicine_code="M0002", name="75%酒精消毒液 100ml", upc="6900000000021", price_fen=600, unit="瓶"),
        Medicine(app_medicine_code="M0003", name="阿奇霉素片", price_fen=2600, prescription=True),
    )
    return Config(
        app_id=APP_ID,
        secret=SECRET,
        control_token="control-token",
        callback_urls=CallbackUrls(**{kind: f"{receiver.url}/{kind}" for kind in KINDS}),
        shops={
            "shop_0001": Shop(name="示例大药房(测试路店)", medicines=medicines),
            "shop_0002": Shop(name="示例大药房(二店)", medicines=medicines),
        },
        switches=Switches(retry_delays=(0.05, 0.05), rider_step_seconds=0.02, answer_timeout_seconds=2.0),
    )


@pytest.fixture
async def simulator(config: Config) -> AsyncIterator[Simulator]:
    async with Simulator(config) as simulator:
        yield simulator


@pytest.fixture
async def caller(simulator: Simulator) -> AsyncIterator[Caller]:
    async with httpx.AsyncClient(trust_env=False, timeout=30, verify=False) as client:
        yield Caller(client, simulator.url)
