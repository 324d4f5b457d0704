"""Keyboard scanners in the page: recorded scans and typed words through the real wedge.js in a headless Chromium.

`wrong` are scans of which not exactly their text came out; `false_scans` typed words that were taken for one. Beside
them the same for the rule of onScan.js.
"""

import json
import random
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from benchmarks import figures
from benchmarks.keystrokes import Hand, Key, Scanner, scanned_text

ROOT = Path(__file__).parent.parent
WEDGE = ROOT / "agent" / "pages" / "wedge.js"
COUNT, SHORT_COUNT = 10_000, 1_500
AT_ONE_COMPUTER = 25
"""Recordings; then comes another computer with another scanner, and the page knows neither."""
BATCH = 20
PAUSE_MS = 1_600.0
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync"]  # fmt: skip

Heard = tuple[list[list[str]], list[list[str]]]
"""What the wedge and the naive rule took for scans, one list for each recording."""


def measure(count: int, wedge: str) -> dict[str, float | int]:
    chance = random.Random(5)
    texts = [scanned_text(chance) for _ in range(count)]
    scans = [spaced([scanner.keys(text, 0) for text in some]) for some, scanner in at_computers(texts, chance)]
    words = [spaced([Hand(chance).keys(0) for _ in range(count)], pauses=chance)]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        page = browser.new_page()
        page.add_script_tag(content=wedge)
        page.add_script_tag(path=str(Path(__file__).with_suffix(".js")))
        ours, naive = replayed(page, scans)
        ours_typed, naive_typed = replayed(page, words)
        browser.close()
    return {
        "scans": count,
        "wrong": sum(heard != [text] for heard, text in zip(ours, texts, strict=True)),
        "words": count,
        "false_scans": sum(map(len, ours_typed)),
        "onscan_wrong": sum(heard != [text] for heard, text in zip(naive, texts, strict=True)),
        "onscan_false_scans": sum(map(len, naive_typed)),
    }


def at_computers(texts: Sequence[str], chance: random.Random) -> Iterator[tuple[Sequence[str], Scanner]]:
    for start in range(0, len(texts), AT_ONE_COMPUTER):
        yield texts[start : start + AT_ONE_COMPUTER], Scanner(chance)


def spaced(recordings: Sequence[list[Key]], pauses: random.Random | None = None) -> list[list[Key]]:
    """One after the other on one clock. With `pauses` as a hand leaves them, else far apart."""
    moved, at = [], PAUSE_MS
    for keys in recordings:
        moved.append([{**key, "timeStamp": float(key["timeStamp"]) + at} for key in keys])
        at = float(moved[-1][-1]["timeStamp"]) + (PAUSE_MS if pauses is None else pauses.uniform(60, 900))
    return moved


def replayed(page: Page, computers: list[list[list[Key]]]) -> Heard:
    ours: list[list[str]] = []
    naive: list[list[str]] = []
    for start in range(0, len(computers), BATCH):
        batch = json.dumps(computers[start : start + BATCH])
        one, other = page.evaluate("text => replay(JSON.parse(text))", batch)
        ours += one
        naive += other
    return ours, naive


def main() -> int:
    chosen = figures.options("scan_keys", __doc__)
    result = measure(SHORT_COUNT if chosen.short else COUNT, WEDGE.read_text(encoding="utf-8"))
    figures.report(result, quiet=chosen.json)
    return 0 if result["wrong"] == 0 and result["false_scans"] <= 1 else 1


if __name__ == "__main__":
    sys.exit(main())
