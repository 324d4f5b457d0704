"""Pushes as the platform makes them, signed by code that shares nothing with the product's."""

import functools
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote_plus, urlencode

from cloud.channels.base import Message, Push, Understood
from cloud.channels.meituan import MeituanChannel, Settings

SECRET = "not-a-secret"
SAMPLES = Path(__file__).with_name("samples")
NOW = 1_767_229_000_000


@functools.cache
def channel() -> MeituanChannel:
    return MeituanChannel(Settings(app_id="4012", secret=SECRET), clock=lambda: NOW)


def sample(name: str) -> dict[str, str]:
    form: dict[str, str] = json.loads((SAMPLES / f"meituan_push_{name}.form.json").read_text(encoding="utf-8"))
    form.pop("sig", None)
    return form


def signed(url: str, form: Mapping[str, str]) -> dict[str, str]:
    text = url + "?" + "&".join(f"{name}={form[name]}" for name in sorted(form)) + SECRET
    return {**form, "sig": hashlib.md5(text.encode()).hexdigest()}


def encoded(form: Mapping[str, str], times: int = 2) -> bytes:
    once = {name: quote_plus(value) for name, value in form.items()} if times == 2 else form
    return urlencode(once).encode()


def url_of(topic: str) -> str:
    return f"https://hub.example.com/channels/meituan/{topic}"


def raw_push(topic: str, body: bytes, *, query: bytes = b"", url: str | None = None) -> Push:
    return Push("meituan", topic, "POST", url or url_of(topic), query, body, {})


def push(topic: str, form: Mapping[str, str], times: int = 2) -> Push:
    return raw_push(topic, encoded(signed(url_of(topic), form), times))


def understand(topic: str, form: Mapping[str, str]) -> Understood:
    return channel().understand(push(topic, form))


def only(understood: Understood) -> Message:
    (message,) = understood.messages
    return message
