"""Garbage is looked for by the hour, in a process of its own: what is set there counts for all of it."""

import subprocess
import sys

PROGRAM = """
import asyncio, gc, weakref
from cloud import garbage

class Cycle:
    def __init__(self):
        self.itself = self

async def work():
    await asyncio.sleep(0)
    walks = []
    gc.callbacks.append(lambda phase, told: walks.append(told["generation"]) if phase == "start" else None)
    kept = [[number] for number in range(1_000_000)]
    assert 2 not in walks and walks.count(1) >= 3, walks
    old = Cycle()
    gc.collect(1)
    gone = weakref.ref(old)
    del old
    for _ in range(4000):
        await asyncio.sleep(0.01)
        if gone() is None:
            print("found")
            return

garbage.EVERY_SECONDS = 0.05
asyncio.run(garbage.removing_beside(work()))
"""


def test_growth_does_not_walk_over_everything_and_old_garbage_is_found_by_the_clock() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout, done.returncode) == ("found\n", 0), done.stderr
