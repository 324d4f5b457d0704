"""The store behind the tray, as the tests bring it into each state."""

from pathlib import Path

import httpx

from installer.demo.world import World


class Store:
    def __init__(self, world: World, run_folder: Path) -> None:
        self.world, self.run_folder = world, run_folder
        self.run_folder.mkdir()
        self.name = world.chain.stores[0].store
        self.agent = world.agents[self.name]
        self.url = world.page_url(self.name)

    @property
    def hand(self) -> tuple[str, ...]:
        """How the tray is told where this store hands its token over."""
        return ("--hand", str(self.run_folder / "tray.sock"))

    def restart(self) -> None:
        self.agent.stop()
        self.agent.start()
        self.agent.wait_ready()

    @property
    def answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/health", trust_env=False, timeout=2).is_success
        except httpx.HTTPError:
            return False
