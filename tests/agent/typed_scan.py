"""A scanner that types, at a real browser: keys in a scanner's rhythm however busy this machine is."""

import asyncio
import time
from itertools import count

from playwright.async_api import CDPSession, Page

GAP_S = 0.005
ENTER, GS = "\r", "\x1d"
_NAMED = {"-": "Minus", ENTER: "Enter", GS: "F8"}
"""F8 is how some scanners send the separator."""
_SHIFT = 8
_PROCESS = 229
"""The key code of what an input method took for itself."""


async def scan(page: Page, code: str, *, stall: tuple[int, float] = (0, 0.0), composing: bool = False) -> None:
    await press(page, code + ENTER, stall=stall, composing=composing)


async def press(
    page: Page, keys: str, *, stall: tuple[int, float] = (0, 0.0), composing: bool = False, gap: float = GAP_S
) -> None:
    """All keys are sent at once; each tells its own time, as the system stamps it where the key was pressed, the last
    of them now. `stall`: before the key of this place the computer was busy for so many seconds. `composing`: an input
    method listens, too."""
    await page.wait_for_function("document.hasFocus()")
    session = await page.context.new_cdp_session(page)
    steps, (stalled, seconds) = count(), stall
    began = time.time() - gap * len(keys) - seconds
    sending = [
        asyncio.ensure_future(send(session, event, began + gap / 2 * next(steps) + seconds * (place >= stalled)))
        for place, character in enumerate(keys)
        for event in key(character, composing=composing)
    ]
    await asyncio.gather(*sending)
    await session.detach()


async def send(session: CDPSession, event: dict[str, object], at: float) -> None:
    """`at`: seconds since 1970."""
    await session.send("Input.dispatchKeyEvent", {**event, "timestamp": at})


def key(character: str, *, composing: bool = False) -> tuple[dict[str, object], dict[str, object]]:
    """Down and up: a key's place and Shift, and what the system made of it."""
    place = _NAMED.get(character) or (f"Digit{character}" if character.isdigit() else f"Key{character.upper()}")
    pressed: dict[str, object] = {"code": place, "key": {ENTER: "Enter", GS: "F8"}.get(character, character)}
    pressed["modifiers"] = _SHIFT if character.isupper() else 0
    up = {"type": "keyUp", **pressed}
    if composing and character != ENTER:
        return {"type": "rawKeyDown", **pressed, "key": "Process", "windowsVirtualKeyCode": _PROCESS}, up
    if character == GS:
        return {"type": "rawKeyDown", **pressed}, up
    return {"type": "keyDown", "text": character, **pressed}, up
