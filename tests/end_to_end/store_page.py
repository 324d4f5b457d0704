"""A store's local API as its page uses it."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from installer.demo.manifest import StoreEntry


class StorePage:
    def __init__(self, store: StoreEntry) -> None:
        parts = urlsplit(store.page_url)
        token = parse_qs(parts.query)["token"][0]
        self._client = httpx.Client(
            base_url=f"http://{parts.netloc}",
            headers={"Authorization": f"Bearer {token}"},
            timeout=10.0,
            trust_env=False,
        )

    def get(self, path: str) -> Any:
        return self._client.get(path).raise_for_status().json()

    def post(self, path: str, **body: Any) -> Any:
        answer = self._client.post(path, json=body).raise_for_status()
        return answer.json() if answer.content else None

    def close(self) -> None:
        self._client.close()


class HubDesk:
    """The hub's operator API."""

    def __init__(self, url: str, token: str) -> None:
        self._client = httpx.Client(
            base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=10.0, trust_env=False
        )

    def get(self, path: str) -> Any:
        return self._client.get(path).raise_for_status().json()

    def post(self, path: str, **body: Any) -> Any:
        answer = self._client.post(path, json=body).raise_for_status()
        return answer.json() if answer.content else None

    def close(self) -> None:
        self._client.close()
