"""From a push's raw bytes to its fields, believed only once the signature matches.

Values come percent-encoded twice (one capture and one production code base say so, facts/channels.md §1.2); once is
taken too. Which it was is told by the signature, because an address with a '+' or '%' reads differently.
"""

from binascii import a2b_qp
from urllib.parse import unquote_to_bytes

from cloud.channels.base import BadSignature, NotUnderstood, Push
from cloud.channels.meituan import signature

Form = dict[str, str]
"""In the order of its names, as the signature wants it. Bytes that are no UTF-8 are surrogates."""

SYSTEM = frozenset({"app_id", "timestamp", "sig", "access_token", "version"})
"""Fields that say nothing of an order."""

_NAME_END, _PAIR_END = "\x01", "\x02"
_TO_QUOTED_PRINTABLE = bytes.maketrans(b"=&+%", b"\x01\x02 =")


def signed_fields(push: Push, secret: str) -> dict[str, str] | None:
    """None for a heartbeat. Raises `BadSignature`, or `NotUnderstood` when what was signed is not UTF-8."""
    raw = push.query + b"&" + push.body if push.query else push.body
    form = decoded(raw, 2)
    if _is_heartbeat(form, push.url):
        return None
    if signature.matches(push.url, form, secret):
        return _utf8(form)
    form = decoded(raw, 1)
    if signature.matches(push.url, form, secret):
        return _utf8(form)
    raise BadSignature(
        f"the signature of a push to {push.topic} does not match",
        hint="compare the secret, and the URL registered with the platform, with the hub's settings",
    )


def decoded(raw: bytes, times: int) -> Form:
    """The fields of an application/x-www-form-urlencoded body whose escapes are undone so many times."""
    undone = _undone_at_once(raw, times)
    text = undone.decode("utf-8", "surrogateescape") if undone is not None else ""
    marked = text.split(_PAIR_END)
    if undone is None or len(marked) != raw.count(b"&") + 1 or text.count(_NAME_END) != raw.count(b"="):
        return _decoded_one_by_one(raw, times)
    pairs = [pair.partition(_NAME_END) for pair in marked if pair]
    return {name: value.replace(_NAME_END, "=") for name, _, value in sorted(pairs)}


def _is_heartbeat(form: Form, registered_url: str) -> bool:
    """The platform posts without data when a URL is saved, and later; it may be unsigned (facts/channels.md §1.3)."""
    told = {name for name, value in form.items() if value} - SYSTEM
    return not told or told <= signature.registered_query(registered_url).keys()


def _undone_at_once(text: bytes, times: int) -> bytes | None:
    """Quoted-printable is the same code with another sign, and binascii's is in C: many times faster than urllib on
    Chinese. What ends names and pairs is marked, for escapes hide more of the same. None when an escape is broken or a
    byte could be mistaken; then the slow way decides."""
    for turn in range(times):
        if b"\n" in text or b"\r" in text or (turn and (b"=" in text or b"&" in text)):
            return None
        undone = a2b_qp(text.translate(_TO_QUOTED_PRINTABLE))
        if len(text) - len(undone) != 2 * text.count(b"%"):
            return None
        text = undone
    return text


def _decoded_one_by_one(raw: bytes, times: int) -> Form:
    pairs = [pair.partition(b"=") for pair in raw.split(b"&") if pair]
    return dict(sorted([(_plain(name, times), _plain(value, times)) for name, _, value in pairs]))


def _plain(text: bytes, times: int) -> str:
    for _ in range(times):
        text = unquote_to_bytes(text.replace(b"+", b" "))
    return text.decode("utf-8", "surrogateescape")


def _utf8(form: Form) -> Form:
    try:
        "".join(form.values()).encode()
        "".join(form).encode()
    except UnicodeEncodeError as error:
        raise NotUnderstood(f"{_first_broken(form)}: not UTF-8") from error
    return form


def _first_broken(form: Form) -> str:
    """Its name, unless that is what is broken."""
    return next((name for name, value in form.items() if name.isascii() and _has_surrogate(value)), "a field")


def _has_surrogate(value: str) -> bool:
    return any("\udc80" <= each <= "\udcff" for each in value)
