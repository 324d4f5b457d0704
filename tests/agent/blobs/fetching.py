"""A process that fetches until it is killed: python -m tests.agent.blobs.fetching WORK_DB HUB_URL"""

import asyncio
import sys
from pathlib import Path

from agent.blobs.carrier import Carrier
from agent.files import WorkFile
from agent.hub import Hub
from tests.agent.core.conftest import MASTER_KEY
from tests.agent.shell.conftest import HURRIED
from tests.agent.shell.speaking import speaking


async def main(work_db: str, url: str) -> None:
    with WorkFile(Path(work_db), master_key=MASTER_KEY) as work:
        print("HERE", flush=True)
        await Carrier(Hub(url, speaking()), work, patience=HURRIED, spread=lambda low, high: low).run()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
