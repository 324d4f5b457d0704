"""What pages and API see of training: the switch of the real agent, and the practice of the training server."""

from typing import Protocol

import msgspec

from agent.training.lessons import Lesson
from agent.training.packs import Pack
from drivers.scanners.base import Scan


class PracticeView(msgspec.Struct, frozen=True):
    """`real_waiting`: real orders that wait to be begun. `steady`: one more practice order each minute.

    `papers` counts the slips that came out of the practice printer."""

    real_waiting: int
    real_url: str
    steady: bool
    papers: int


class ShownPack(msgspec.Struct, frozen=True):
    """`bars` is an SVG path of a Code 128, `modules` its width."""

    pack: Pack
    bars: str
    modules: int


class Practice(Protocol):
    """Lives in the event loop."""

    async def view(self) -> PracticeView: ...

    async def packs(self, order_id: str) -> tuple[ShownPack, ...]: ...

    async def lesson(self, order_id: str) -> Lesson: ...

    async def next(self) -> str:
        """One more practice order's id. Raises NotNow while enough are open."""

    def keep_steady(self, on: bool) -> None: ...

    async def paper(self, number: int) -> bytes:
        """A picture (PNG) of what came out. Raises NotFound."""


class Switch(Protocol):
    """Lives in the event loop; `take` is called by scanners' threads."""

    @property
    def is_on(self) -> bool: ...

    async def turn_on(self) -> str:
        """The address that opens the practice page, once."""

    async def turn_off(self) -> None: ...

    def turn_off_soon(self) -> None:
        """For a request that comes by the very server that ends."""

    async def knows(self, text: str) -> bool:
        """Whether this is a practice code, of which no real pick may hear."""

    def take(self, scan: Scan) -> bool:
        """A scan of a practice code is judged in the practice, whichever scanner read it; False: it is no such code."""
