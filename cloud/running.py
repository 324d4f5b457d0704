"""Asks the hub that runs on this machine, so that what a command changes is heard at once by open streams and pages."""

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import TypeVar

import msgspec

from cloud.config import Settings
from cloud.errors import HubError

T = TypeVar("T")

PATIENCE_SECONDS = 300.0
"""A whole chain's stock is one transaction."""


class HubSaidNo(HubError):
    """The running hub refused; its own message and hint."""


class RunningHub:
    def __init__(self, settings: Settings, operator_token: str) -> None:
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings.host, settings.host)
        self._url = f"http://{host}:{settings.port}"
        self._token = operator_token
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def answers(self) -> bool:
        """False: no hub runs there, and the data may be changed directly."""
        try:
            with self._opener.open(f"{self._url}/health", timeout=2.0) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def get(self, path: str, answer: type[T]) -> T:
        """Raises `HubSaidNo`."""
        return self._read(self._send("GET", path, None), answer)

    def post(self, path: str, body: Mapping[str, str] | msgspec.Struct) -> None:
        """Raises `HubSaidNo`."""
        self._post(path, body)

    def put(self, path: str, body: msgspec.Struct) -> None:
        """Raises `HubSaidNo`."""
        self._send("PUT", path, body)

    def ask(self, path: str, body: Mapping[str, str] | msgspec.Struct, answer: type[T]) -> T:
        """Raises `HubSaidNo`."""
        return self._read(self._post(path, body), answer)

    def _read(self, said: bytes, answer: type[T]) -> T:
        try:
            return msgspec.json.decode(said, type=answer)
        except msgspec.MsgspecError as error:
            raise HubSaidNo(f"the hub at {self._url} is of another version: {error}", hint="restart it") from error

    def _post(self, path: str, body: Mapping[str, str] | msgspec.Struct) -> bytes:
        return self._send("POST", path, body)

    def _send(self, method: str, path: str, body: Mapping[str, str] | msgspec.Struct | None) -> bytes:
        request = urllib.request.Request(
            f"{self._url}{path}",
            data=None if body is None else msgspec.json.encode(body),
            headers={"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"},
            method=method,
        )
        try:
            with self._opener.open(request, timeout=PATIENCE_SECONDS) as answer:
                return bytes(answer.read())
        except urllib.error.HTTPError as error:
            raise _refusal(error) from error
        except OSError as error:
            raise HubSaidNo(f"the hub at {self._url} does not answer: {error}", retryable=True) from error


def _refusal(error: urllib.error.HTTPError) -> HubSaidNo:
    with error:
        content = error.read()
    try:
        problem = json.loads(content)
        return HubSaidNo(problem["message"], hint=problem.get("hint", ""))
    except (ValueError, KeyError, TypeError):
        return HubSaidNo(f"the hub answered {error.code}")
