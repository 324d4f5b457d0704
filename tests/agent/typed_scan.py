"""A scanner that types, at a real browser: keys in a scanner's rhythm however busy this machine is."""

import asyncio
import time
from itertools import count

from playwright.async_api import Page

GAP_S = 0.005
ENTER = "\r"
_NAMED = {"-": "Minus", ENTER: "Enter"}
_SHIFT = 8


async def scan(page: Page, code: str, *, stall: tuple[int, float] = (0, 0.0)) -> None:
    await press(page, code + ENTER, stall=stall)


async def press(page: Page, keys: str, *, stall: tuple[int, float] = (0, 0.0)) -> None:
    """All keys are sent at once; each tells its own time, as the system stamps it where the key was pressed. `stall`:
    before the key of this place the computer was busy for so many seconds."""
    await page.wait_for_function("document.hasFocus()")
    session = await page.context.new_cdp_session(page)
    began, steps, (stalled, seconds) = time.time(), count(), stall
    sending = [
        asyncio.ensure_future(
            session.send(
                "Input.dispatchKeyEvent",
                {**event, "timestamp": began + GAP_S / 2 * next(steps) + seconds * (place >= stalled)},
            )
        )
        for place, character in enumerate(keys)
        for event in _key(character)
    ]
    await asyncio.gather(*sending)
    await session.detach()


def _key(character: str) -> tuple[dict[str, object], dict[str, object]]:
    place = _NAMED.get(character) or (f"Digit{character}" if character.isdigit() else f"Key{character.upper()}")
    key: dict[str, object] = {"code": place, "key": "Enter" if character == ENTER else character}
    key |= {"modifiers": _SHIFT if character.isupper() else 0}
    return {"type": "keyDown", "text": character, **key}, {"type": "keyUp", **key}
