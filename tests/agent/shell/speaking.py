"""An agent's session without its data files, for tests of the client alone."""

from agent.device_key import DeviceKey
from agent.session import Session
from domain.protocol import SessionReply, SessionRequest


class MemoryKeys:
    def __init__(self, *seeds: bytes) -> None:
        self.seeds = seeds

    def all(self) -> tuple[DeviceKey, ...]:
        return tuple(DeviceKey(seed) for seed in self.seeds)

    def renew(self) -> None:
        made = bytes([len(self.seeds) + 100]) * 32
        self.seeds = (made, *self.seeds)


class MemoryMyself:
    def __init__(self, device: str = "device-1") -> None:
        self.name, self.replies = device, list[SessionReply]()

    async def device(self) -> str:
        return self.name

    async def introduce(self, public_key: bytes, nonce: str) -> SessionRequest:
        return SessionRequest(self.name, public_key, nonce, "life", "boot", "1")

    async def told(self, reply: SessionReply) -> bool:
        self.replies.append(reply)
        return False

    async def renewed(self, reply: SessionReply) -> None:
        """Nothing is kept here."""


def speaking(device: str = "device-1") -> Session:
    return Session(MemoryKeys(bytes(32)), MemoryMyself(device))
