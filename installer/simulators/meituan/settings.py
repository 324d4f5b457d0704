"""The config file: who calls us, whom we call, and what the shops sell."""

import difflib
import re
import sys
from pathlib import Path
from typing import Annotated

import msgspec

from installer.simulators.meituan.errors import ConfigError
from installer.simulators.meituan.switches import Switches

Text = Annotated[str, msgspec.Meta(min_length=1)]
Url = Annotated[str, msgspec.Meta(pattern="^https?://[^/?#]+")]
Whole = Annotated[int, msgspec.Meta(ge=0)]


class CallbackUrls(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One registered URL per kind of push; a kind without one is never sent, as on the platform."""

    paid: Url | None = None
    confirmed: Url | None = None
    completed: Url | None = None
    cancelled: Url | None = None
    refund: Url | None = None
    part_refund: Url | None = None
    refund_status: Url | None = None
    urge: Url | None = None
    rider: Url | None = None
    changed: Url | None = None
    pick_finished: Url | None = None

    def of(self, kind: str) -> str | None:
        url: str | None = getattr(self, kind)
        return url


KINDS = CallbackUrls.__struct_fields__


class Medicine(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    app_medicine_code: Text
    name: Text
    price_fen: Whole
    spec: str = ""
    upc: str = ""
    unit: str = "盒"
    weight_g: Whole = 50
    prescription: bool = False
    imagined: bool = True
    """Made-up traffic orders it; a person may order any."""


class Shop(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    name: Text
    medicines: tuple[Medicine, ...] = ()
    first_day_seq: Annotated[int, msgspec.Meta(ge=1)] = 1
    """Where the day's count begins: orders live in memory, so a restart on the same day may want to go on counting."""

    def medicine(self, code: str) -> Medicine | None:
        return next((each for each in self.medicines if each.app_medicine_code == code), None)


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    app_id: Text
    secret: Text
    control_token: Text
    shops: dict[str, Shop]
    callback_urls: CallbackUrls = CallbackUrls()
    auto_accept: bool = False
    takes_strangers: bool = False
    """Say ok to what is done to an order that is not known here: it came from before a restart, or another program
    pushed it in the platform's name. Else it is 806, as on the platform."""
    public_url: Url | None = None
    """What callers sign, when a proxy hides our address: `https://host`, without the path."""
    switches: Switches = msgspec.field(default_factory=Switches)


KNOWN = tuple(name for struct in (Config, CallbackUrls, Shop, Medicine, Switches) for name in struct.__struct_fields__)


def parse(raw: bytes, *, where: str) -> Config:
    try:
        return msgspec.json.decode(raw, type=Config)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{where}: {error}", hint=_nearest(str(error))) from error


def load(source: str) -> Config:
    """`source` is a path, or "-" for standard input (a parent process need not leave a secret on disk)."""
    if source == "-":
        return parse(sys.stdin.buffer.read(), where="standard input")
    try:
        raw = Path(source).read_bytes()
    except OSError as error:
        raise ConfigError(f"{source}: {error.strerror}") from error
    return parse(raw, where=source)


def _nearest(message: str) -> str:
    unknown = re.search(r"unknown field `([^`]*)`", message)
    close = difflib.get_close_matches(unknown[1], KNOWN, n=1) if unknown else []
    return f"did you mean `{close[0]}`?" if close else ""
