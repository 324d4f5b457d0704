"""Signed requests to the platform (facts/channels.md §1.1): the only place here that knows httpx."""

import asyncio
import logging
from collections.abc import Mapping
from urllib.parse import urlencode, urljoin

import httpx

from cloud.channels.meituan.answers import value_of
from cloud.channels.meituan.errors import Later, PlatformError, Refused, Unknown
from cloud.channels.meituan.settings import Settings
from cloud.channels.meituan.signature import in_order, sign
from domain.times import SECOND, Clock

logging.getLogger("httpx").setLevel(logging.WARNING)  # at INFO it logs whole URLs: signatures, and customers' words
logging.getLogger("httpcore").setLevel(logging.WARNING)

PICTURE_SECONDS = 60.0
FORM = {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}


class Client:
    """Raises `errors.PlatformError` and nothing else. Neither secrets nor what is sent is ever logged."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._base = settings.base_url.rstrip("/") + "/"
        self._http = httpx.AsyncClient(timeout=settings.timeout_seconds, trust_env=False)

    async def close(self) -> None:
        await self._http.aclose()

    async def get(self, path: str, params: Mapping[str, str]) -> object:
        url, signed = self._signed(path, params)
        return _value(await self._send("GET", url, signed, None))

    async def post(self, path: str, params: Mapping[str, str]) -> object:
        return _value(await self.post_raw(path, params))

    async def post_raw(self, path: str, params: Mapping[str, str]) -> httpx.Response:
        """For answers that say more than their data."""
        url, signed = self._signed(path, params)
        query = {name: value for name, value in signed.items() if name not in params}
        return await self._send("POST", url, query, urlencode(dict(params)).encode())

    async def picture(self, url: str, most: int) -> bytes:
        """Unsigned, from wherever the caller found it to be allowed; a redirect is not followed. Raises `PlatformError`
        also for more than `most` bytes."""
        try:
            async with asyncio.timeout(PICTURE_SECONDS), self._http.stream("GET", url) as response:
                if response.status_code != httpx.codes.OK:
                    raise _no_picture(response.status_code)
                return await _within(response, most)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            raise Later(f"the picture cannot be fetched ({type(error).__name__})") from error

    def _signed(self, path: str, params: Mapping[str, str]) -> tuple[str, dict[str, str]]:
        url = urljoin(self._base, path)
        merged = {**params, "app_id": self._settings.app_id, "timestamp": str(self._clock() // SECOND)}
        return url, merged | {"sig": sign(url, in_order(merged), self._settings.secret)}

    async def _send(self, method: str, url: str, query: Mapping[str, str], body: bytes | None) -> httpx.Response:
        try:
            return await self._http.request(
                method, f"{url}?{urlencode(dict(query))}", content=body, headers=FORM if body is not None else None
            )
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise Later(f"the platform cannot be reached ({type(error).__name__})") from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Unknown(f"no answer from the platform ({type(error).__name__})") from error


async def _within(response: httpx.Response, most: int) -> bytes:
    content = bytearray()
    async for chunk in response.aiter_bytes():
        content += chunk
        if len(content) > most:
            raise Refused(f"the picture has more than {most} bytes")
    return bytes(content)


def _no_picture(status: int) -> PlatformError:
    """Not there yet, or its server is ill: it may come. What is forbidden or elsewhere will not."""
    kind = Later if status in (404, 408, 425, 429) or status >= 500 else Refused
    return kind(f"the picture was answered with HTTP status {status}")


def _value(response: httpx.Response) -> object:
    return value_of(response.status_code, response.content, response.headers.get("Retry-After"))
