"""Web addresses on packs: the code is taken out of those of allow-listed hosts, and nothing is ever fetched."""

import re
from collections.abc import Sequence
from functools import lru_cache

from domain.codes.kinds import LinkCode, TraceCode
from domain.policy import CodeLink

_ADDRESS = re.compile(r"https?://([A-Za-z0-9.-]+)(?::[0-9]{1,5})?(/.*|\?.*)?", re.ASCII | re.IGNORECASE)
_TRACE = re.compile(r"[0-9]{20}", re.ASCII)


def is_link(text: str) -> bool:
    return text[:7].lower() == "http://" or text[:8].lower() == "https://"


def linked_code(text: str, links: Sequence[CodeLink]) -> LinkCode | TraceCode | None:
    """A link to a trace code is that trace code, so that both marks of one pack count as one."""
    address = _ADDRESS.fullmatch(text)
    if address is None:
        return None
    host, rest = address[1].lower(), address[2] or ""
    for link in links:
        if host == link.host.lower() and (code := _code_in(link.pattern, rest)):
            return TraceCode(code) if _TRACE.fullmatch(code) else LinkCode(host, code)
    return None


def _code_in(pattern: str, rest: str) -> str | None:
    found = _compiled(pattern)
    matched = found.search(rest) if found is not None else None
    return matched.groupdict().get("code") if matched is not None else None


@lru_cache(maxsize=64)
def _compiled(pattern: str) -> re.Pattern[str] | None:
    """None for a pattern that headquarters wrote wrong: its links are refused, and scanning goes on."""
    try:
        return re.compile(pattern)
    except re.error:
        return None
