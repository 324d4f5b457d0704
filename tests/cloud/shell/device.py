"""An agent as the hub's tests need it: a device key, and an httpx client that speaks in sessions and signs."""

from collections.abc import Generator
from urllib.parse import parse_qsl

import httpx
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from domain import protocol
from domain.protocol import Challenge, Cursor, Known, NewKey, PairRequest, SessionReply, SessionRequest
from domain.signatures import SIGNATURE, to_sign


class Device:
    """`boot` names one run of its program, as which it speaks; a copy with another `boot` is another computer."""

    def __init__(self, name: str = "device-1", key: Ed25519PrivateKey | None = None, boot: str = "boot-1") -> None:
        self.name, self.boot, self.incarnation = name, boot, "life-1"
        self.confirmed, self.cursors = 0, tuple[Cursor, ...]()
        self.accepts: dict[str, int] = {}
        self.key = key or Ed25519PrivateKey.generate()

    @property
    def public_key(self) -> bytes:
        return self.key.public_key().public_bytes_raw()

    def other_run(self, boot: str) -> "Device":
        return Device(self.name, self.key, boot)

    def signed(self, method: str, path: str, under: str, body: bytes) -> dict[str, str]:
        said = to_sign(method, path, under=under, body=body)
        return {SIGNATURE: self.key.sign(said).hex(), "Content-Type": "application/json"}

    def pair(self, client: httpx.Client, code: str) -> httpx.Response:
        body = msgspec.json.encode(PairRequest(code, self.name, "pc", "1", self.public_key))
        return client.post(protocol.PAIR, content=body, headers=self.signed("POST", protocol.PAIR, code, body))

    def challenge(self, client: httpx.Client) -> httpx.Response:
        body = msgspec.json.encode(Known(self.name, self.public_key))
        return client.post(protocol.CHALLENGE, content=body)

    def nonce(self, client: httpx.Client) -> str:
        return msgspec.json.decode(self.challenge(client).raise_for_status().content, type=Challenge).nonce

    def ask(self, client: httpx.Client, nonce: str) -> httpx.Response:
        request = SessionRequest(
            self.name, self.public_key, nonce, self.incarnation, self.boot, "1",
            accepts=self.accepts, cursors=self.cursors, confirmed=self.confirmed,
        )  # fmt: skip
        body = msgspec.json.encode(request)
        return client.post(protocol.SESSION, content=body, headers=self.signed("POST", protocol.SESSION, nonce, body))

    def session(self, client: httpx.Client) -> SessionReply:
        answer = self.ask(client, self.nonce(client)).raise_for_status()
        return msgspec.json.decode(answer.content, type=SessionReply)

    def new_key(self, client: httpx.Client, token: str) -> httpx.Response:
        """The device has it only where the hub says so."""
        newer = Ed25519PrivateKey.generate()
        public = newer.public_key().public_bytes_raw()
        proof = newer.sign(to_sign("POST", protocol.KEY, under=token, body=public))
        body = msgspec.json.encode(NewKey(public, proof))
        bearer = {"Authorization": f"Bearer {token}"}
        headers = self.signed("POST", protocol.KEY, token, body) | bearer
        answer = client.post(protocol.KEY, content=body, headers=headers)
        if answer.is_success:
            self.key = newer
        return answer


class InSession(httpx.Auth):
    """Each request in this session, signed."""

    requires_request_body = True

    def __init__(self, device: Device, token: str) -> None:
        self.device, self.token = device, token

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["Authorization"] = f"Bearer {self.token}"
        url = request.url
        query = url.query.decode()
        named = url.path.rpartition("/")[2] if request.method == "PUT" else ""  # a blob, by its digest
        said = to_sign(request.method, url.path, parse_qsl(query), under=self.token, body=request.content, digest=named)
        request.headers[SIGNATURE] = self.device.key.sign(said).hex()
        yield request
