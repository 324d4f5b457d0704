"""The logs as the doors of the agents read them, each on a connection of its own beside the writer."""

from functools import partial

from cloud import agents, eventlog
from cloud.agents import Agent
from cloud.errors import Revoked, UnknownCredential
from cloud.vault import Vault
from cloud.writer import Writer
from domain.protocol import Cursor, Head, Page


class HubLogs:
    def __init__(self, writer: Writer, chain: str, vault: Vault) -> None:
        self._writer, self._chain, self._vault = writer, chain, vault

    async def page(self, cursor: Cursor, limit: int) -> Page:
        return await self._writer.read(
            partial(eventlog.page, chain=self._chain, vault=self._vault, cursor=cursor, limit=limit)
        )

    async def heads(self, logs: list[str]) -> tuple[Head, ...]:
        return await self._writer.read(partial(eventlog.heads, chain=self._chain, logs=logs))

    async def agent(self, credential: str) -> Agent:
        """Raises `UnknownCredential` and `Revoked`."""
        return await self._writer.read(partial(agents.authenticate, chain=self._chain, credential=credential))

    async def revoked(self, credential: str) -> bool:
        try:
            await self.agent(credential)
        except (Revoked, UnknownCredential):
            return True
        return False
