"""The parameters of one call, merged from query and body and checked before anything is done with them."""

from collections.abc import Mapping
from urllib.parse import parse_qsl

from installer.simulators.meituan import signature
from installer.simulators.meituan.errors import PlatformError

SYSTEM = ("timestamp", "sig")


def merged(query: bytes, body: bytes) -> dict[str, str]:
    """Callers may put any parameter in either place (facts/channels.md §1.1); the body wins."""
    try:
        parts = [parse_qsl(raw.decode("ascii"), keep_blank_values=True, errors="strict") for raw in (query, body)]
    except UnicodeDecodeError as error:
        raise PlatformError(705, "query or body is not URL-encoded UTF-8") from error
    return dict(parts[0]) | dict(parts[1])


class Params:
    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values

    def authenticate(self, url: str, *, app_id: str, secret: str) -> None:
        if self._values.get("app_id") != app_id:
            raise PlatformError(702, f"app_id is {self._values.get('app_id')!r}")
        self.require(SYSTEM)
        stamp = self.text("timestamp")
        if not (len(stamp) == 10 and stamp.isdecimal()):
            raise PlatformError(705, f"timestamp {stamp!r} is not ten digits of seconds")
        if not signature.matches(self.text("sig"), url, self._values, secret):
            raise PlatformError(703, f"sig does not match for {url}")

    def require(self, names: tuple[str, ...]) -> None:
        missing = [name for name in names if not self._values.get(name)]
        if missing:
            raise PlatformError(701, "missing " + ", ".join(missing))

    def text(self, name: str) -> str:
        return self._values.get(name, "")

    def number(self, name: str) -> int:
        text = self.text(name)
        if not (text.isascii() and text.isdecimal() and len(text) <= 19):
            raise PlatformError(705, f"{name} {text!r} is not a number")
        return int(text)
