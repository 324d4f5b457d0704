"""One store of the campaign: its computer, printer, scanner and line, and what its people see of them."""

import socket
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

import httpx

from agent.access.token import TOKEN_FILE
from agent.files import CACHE, WORK
from benchmarks.kill_campaign.chain import Chain
from benchmarks.kill_campaign.lives import Life
from benchmarks.kill_campaign.nest import Nest, Wish
from benchmarks.print_faults.paper import Papers
from drivers.virtual.printer import VirtualPrinter
from drivers.virtual.scanner import VirtualScanner
from tests.faults.proxy import LOOPBACK, FaultProxy

PAGE_S = 3.0
"""How long a person looks at a page that does not come."""


class Away(Exception):
    """The page does not answer: its agent is dead or frozen. What was asked of it may have happened."""


class Shop:
    """A context manager: with it the agent's life begins, behind a line that can be spoilt."""

    def __init__(self, folder: Path, name: str, nest: Nest, papers: Papers, *, flaw: str = "") -> None:
        self.name, self.papers, self._folder = name, papers, folder
        folder.mkdir()
        self.port = free_port()
        log = str(folder / "agent.log")
        self.life = Life(nest, Wish("agent", ("--config", str(self.config), "run"), log, flaw, str(folder)))
        self._stack = ExitStack()

    @property
    def config(self) -> Path:
        return self._folder / "agent.toml"

    @property
    def work(self) -> Path:
        return self._folder / "data" / WORK

    @property
    def cache(self) -> Path:
        return self.work.with_name(CACHE)

    def __enter__(self) -> Self:
        enter = self._stack.enter_context
        self.printer = enter(VirtualPrinter(on_slip=lambda slip: self.papers.add(self.name, slip)))
        self.scanner = enter(VirtualScanner())
        self._client = enter(httpx.Client(base_url=f"http://{LOOPBACK}:{self.port}", trust_env=False, timeout=PAGE_S))
        self.config.write_text(
            f'data = "data"\npage_port = {self.port}\nsecrets = "file"\n[voice]\nplayer = "off"\n'
            f'[[printers]]\nname = "前台"\naddress = "{self.printer.address}"\npaper = 80\n'
            f'[[scanners]]\npath = "{self.scanner.path}"\n',
            encoding="utf-8",
        )
        self.life.begin()
        self._stack.callback(self.life.end)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def connect(self, hub: Chain, seed: int) -> None:
        """A line to the hub, and pairing over it."""
        self.line = self._stack.enter_context(FaultProxy(hub.port, seed=seed))
        self._client.post(
            "/api/pair", json={"hub": self.line.url, "code": hub.codes[self.name]}, headers=self._key(), timeout=30.0
        ).raise_for_status()

    def get(self, path: str) -> Any:
        """Raises Away, and httpx.HTTPStatusError for what the page refuses."""
        return self._ask(lambda: self._client.get(path, headers=self._key()))

    def post(self, path: str, **body: Any) -> Any:
        """Likewise."""
        return self._ask(lambda: self._client.post(path, json=body, headers=self._key()))

    @property
    def is_up(self) -> bool:
        try:
            return bool(self._client.get("/health").is_success)
        except httpx.HTTPError:
            return False

    @property
    def address(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def token(self) -> str:
        return (self._folder / "data" / TOKEN_FILE).read_text(encoding="utf-8").strip()

    def _key(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def _ask(self, request: Callable[[], httpx.Response]) -> Any:
        try:
            answer = request()
        except (httpx.HTTPError, OSError) as error:
            raise Away(str(error)) from error
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            raise Away("this token was of an earlier life")
        answer.raise_for_status()
        return answer.json() if answer.content else None


def free_port() -> int:
    with socket.create_server((LOOPBACK, 0)) as probe:
        port: int = probe.getsockname()[1]
        return port
