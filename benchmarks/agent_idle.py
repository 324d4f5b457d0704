"""What an agent with nothing to do costs: memory, processor, and the time from start to answering.

The baseline is a bare Python process that has imported an HTTP server and SQLite and does nothing.
"""

import subprocess
import sys
import time
from pathlib import Path

from benchmarks import figures
from installer.demo.world import World

SECONDS, SHORT_SECONDS = 60.0, 8.0
BARE = "import asyncio, pysqlite3, uvicorn; asyncio.run(asyncio.sleep(3600))"


def measure(seconds: float, folder: Path) -> dict[str, float | int]:
    bare = subprocess.Popen([sys.executable, "-c", BARE])
    try:
        with World(folder, hub_port=0, with_simulator=False) as world:
            agent = world.agents[world.chain.stores[0].store]
            agent.stop()
            began = time.monotonic()
            agent.start()
            agent.wait_ready()
            start_s = time.monotonic() - began
            time.sleep(3.0)
            cpu_before = figures.cpu_seconds(agent.pid)
            time.sleep(seconds)
            return {
                "seconds": seconds,
                "rss_mb": figures.rss_mb(agent.pid),
                "cpu_percent": (figures.cpu_seconds(agent.pid) - cpu_before) / seconds * 100,
                "start_s": start_s,
                "bare_rss_mb": figures.rss_mb(bare.pid),
            }
    finally:
        bare.kill()
        bare.wait()


if __name__ == "__main__":
    figures.run("agent_idle", __doc__, measure, SECONDS, short=SHORT_SECONDS)
