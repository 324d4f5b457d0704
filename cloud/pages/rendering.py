"""Templates and how the pages write numbers, times, states and parts of a path."""

from importlib import resources
from urllib.parse import quote

import jinja2
import msgspec

from cloud.pages import spans
from cloud.pages.words import Words
from domain import money, quantity, times
from domain.blobs import PICTURES
from domain.exceptions import TOLD
from domain.orders import called
from domain.prescriptions import REFUSALS
from domain.staff import Role

_HERE = resources.files("cloud.pages")

STATIC: dict[str, tuple[str, bytes]] = {
    "hub.css": ("text/css; charset=utf-8", (_HERE / "hub.css").read_bytes()),
    "hub.js": ("text/javascript; charset=utf-8", (_HERE / "hub.js").read_bytes()),
    "prescriptions.js": ("text/javascript; charset=utf-8", (_HERE / "prescriptions.js").read_bytes()),
    "staff.js": ("text/javascript; charset=utf-8", (_HERE / "staff.js").read_bytes()),
}

_environment = jinja2.Environment(
    loader=jinja2.PackageLoader("cloud", "pages"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=jinja2.StrictUndefined,
)
_environment.filters.update(
    yuan=money.shown,
    units=quantity.shown,
    at=lambda millis, pattern="%m-%d %H:%M": "" if millis is None else times.shown(millis, pattern),
    json=lambda value: msgspec.json.encode(value).decode(),
    picture=lambda svg: f"data:image/svg+xml,{quote(svg)}",
    part=lambda name: quote(name, safe=""),
    span=spans.span,
    size=spans.size,
    clock=lambda millis: "" if millis is None else times.shown(millis, "%H:%M:%S"),
)
_environment.tests.update(contains_role=lambda roles, role: Role(role) in roles)
_environment.globals.update(called=called, TOLD=TOLD, PICTURES=PICTURES, REFUSALS=REFUSALS)


def render(template: str, words: Words, **values: object) -> str:
    return _environment.get_template(template).render(t=words, label=words.label, lang=words.language, **values)
