"""From a push's raw bytes to its fields, believed only once the signature matches.

Values come percent-encoded twice (one capture and one production code base say so, facts/channels.md §1.2); once is
taken too. Which it was is told by the signature, because an address with a '+' or '%' reads differently.
"""

from binascii import a2b_qp
from collections.abc import Callable
from urllib.parse import unquote_to_bytes

from cloud.channels.base import BadSignature, NotUnderstood, Push
from cloud.channels.meituan import signature

Form = dict[bytes, bytes]

SYSTEM = frozenset({b"app_id", b"timestamp", b"sig", b"access_token", b"version"})
"""Fields that say nothing of an order."""


def signed_fields(push: Push, secret: str) -> dict[str, str] | None:
    """None for a heartbeat. Raises `BadSignature`, or `NotUnderstood` when what was signed is not UTF-8."""
    raw = push.query + b"&" + push.body if push.query else push.body
    form = decoded(raw, 2)
    if _is_heartbeat(form, push.url):
        return None
    if signature.matches(push.url, form, secret):
        return _texts(form)
    form = decoded(raw, 1)
    if signature.matches(push.url, form, secret):
        return _texts(form)
    raise BadSignature(
        f"the signature of a push to {push.topic} does not match",
        hint="compare the secret, and the URL registered with the platform, with the hub's settings",
    )


def decoded(raw: bytes, times: int) -> Form:
    """The fields of an application/x-www-form-urlencoded body whose escapes are undone so many times."""
    text = _undone(raw.replace(b"=", b"\x01").replace(b"&", b"\x02"), _quick, times)
    if text is None or text.count(b"\x01") != raw.count(b"=") or text.count(b"\x02") != raw.count(b"&"):
        return _decoded_one_by_one(raw, times)
    pairs = [pair.partition(b"\x01") for pair in text.split(b"\x02")]
    return {name: value for name, _, value in pairs if name}


def _is_heartbeat(form: Form, registered_url: str) -> bool:
    """The platform posts without data when a URL is saved, and later; it may be unsigned (facts/channels.md §1.3)."""
    told = {name for name, value in form.items() if value} - SYSTEM
    return not told or told <= signature.registered_query(registered_url).keys()


def _quick(text: bytes) -> bytes | None:
    """All escapes at once: quoted-printable is the same code with another sign, and binascii's is in C (30 times faster
    than urllib on Chinese). None when an escape is broken or a byte could be mistaken: then the slow way decides."""
    if b"\n" in text or b"\r" in text or b"=" in text:
        return None
    result = a2b_qp(text.replace(b"+", b" ").replace(b"%", b"="))
    return result if len(text) - len(result) == 2 * text.count(b"%") else None


def _plain(text: bytes) -> bytes:
    return unquote_to_bytes(text.replace(b"+", b" "))


def _undone(text: bytes, undo: Callable[[bytes], bytes | None], times: int) -> bytes | None:
    result: bytes | None = text
    for _ in range(times):
        result = None if result is None else undo(result)
    return result


def _decoded_one_by_one(raw: bytes, times: int) -> Form:
    form: Form = {}
    for pair in raw.split(b"&"):
        name, _, value = pair.partition(b"=")
        if name:
            form[_undone(name, _plain, times) or b""] = _undone(value, _plain, times) or b""
    return form


def _texts(form: Form) -> dict[str, str]:
    try:
        return {name.decode(): value.decode() for name, value in form.items()}
    except UnicodeDecodeError as error:
        broken = [name for name, value in form.items() if not _is_utf8(name) or not _is_utf8(value)]
        raise NotUnderstood(f"{ascii(broken[0])[2:-1]}: not UTF-8") from error


def _is_utf8(value: bytes) -> bool:
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True
