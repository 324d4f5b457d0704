"""A store's local API as its page uses it."""

from collections.abc import Generator
from pathlib import Path
from typing import Any

import httpx

from installer.demo.manifest import StoreEntry


class TokenOfThisStart(httpx.Auth):
    """Read anew for each request: the agent may have been killed and started again."""

    def __init__(self, file: str) -> None:
        self._file = Path(file)

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["Authorization"] = f"Bearer {self._file.read_text()}"
        yield request


class StorePage:
    def __init__(self, store: StoreEntry) -> None:
        self._client = httpx.Client(
            base_url=store.api_url, auth=TokenOfThisStart(store.token_file), timeout=30.0, trust_env=False
        )

    def get(self, path: str) -> Any:
        return self._client.get(path).raise_for_status().json()

    def text(self, path: str) -> str:
        """A page, as it stands."""
        return self._client.get(path).raise_for_status().text

    def post(self, path: str, **body: Any) -> Any:
        answer = self._client.post(path, json=body).raise_for_status()
        return answer.json() if answer.content else None

    def close(self) -> None:
        self._client.close()


class HubDesk:
    """The hub's operator API."""

    def __init__(self, url: str, token: str) -> None:
        self._client = httpx.Client(
            base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=30.0, trust_env=False
        )

    def get(self, path: str) -> Any:
        return self._client.get(path).raise_for_status().json()

    def text(self, path: str) -> str:
        """A page, as it stands."""
        return self._client.get(path).raise_for_status().text

    def post(self, path: str, **body: Any) -> Any:
        answer = self._client.post(path, json=body).raise_for_status()
        return answer.json() if answer.content else None

    def close(self) -> None:
        self._client.close()
