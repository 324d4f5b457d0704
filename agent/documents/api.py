"""Slips over the local API: as pictures, how they look, and the shift report."""

import asyncio
from typing import Literal

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from agent import order_slips, preview, slip_templates, slips
from agent.documents.trying import tried
from agent.documents.wanting import want_shift_report
from agent.errors import WorkRefused
from agent.parts import Parts
from agent.slip_templates import Source
from agent.slips import Slip
from agent.transactions import Transaction
from domain.slips import SlipKind
from domain.templates import AUTOMATIC, FIELDS, LARGEST_LOGO, Field, SlipTemplates
from domain.times import Millis
from drivers.errors import Unprintable
from drivers.printers.document import PAPER_58, Document, Paper
from drivers.printers.document import paper as roll

_WITH_LOGO = LARGEST_LOGO * 4 // 3 + 64 * 1024
"""Of a body: the logo in base 64, and the words."""
Millimetres = Literal[58, 80]


class TemplatesNow(msgspec.Struct, frozen=True):
    """`fields`: what of each kind may be left out. `decided_here`: this store may change them."""

    templates: SlipTemplates
    source: Source
    set_at: Millis | None
    decided_here: bool
    fields: dict[SlipKind, tuple[Field, ...]]
    automatic: tuple[SlipKind, ...]


class TemplatesBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """null: as slips come."""

    templates: SlipTemplates | None


class TryBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`order_id` empty: the sample order."""

    kind: SlipKind
    templates: SlipTemplates
    paper: Millimetres = 58
    order_id: str = ""


class Tried(msgspec.Struct, frozen=True):
    text: str
    picture: bytes
    """A PNG, in base 64."""


class ShiftReport(msgspec.Struct, frozen=True):
    slip_id: str


@get("/api/slips/{slip_id:str}/picture")
async def get_picture(
    parts: NamedDependency[Parts], slip_id: FromPath[str], paper: FromQuery[Millimetres | None] = None
) -> Response[bytes]:
    """As it was sent; before that, as it would print now. Without `paper`, on that of the printer which has it."""
    slip = await parts.work.aread(lambda reading: slips.get(reading, slip_id))
    document = await parts.work.aread(lambda reading: preview.document(reading, slip))
    on = _paper_of(parts, slip) if paper is None else roll(paper)
    png = await asyncio.to_thread(_picture, document, on)
    return Response(png, media_type="image/png")


@get("/api/slip-templates")
async def get_templates(parts: NamedDependency[Parts]) -> TemplatesNow:
    return await _now(parts)


@post("/api/slip-templates", status_code=200, request_max_body_size=_WITH_LOGO)
async def set_templates(parts: NamedDependency[Parts], data: JSONBody[TemplatesBody]) -> TemplatesNow:
    """What was not sent yet is rendered anew."""

    def put(tx: Transaction) -> None:
        slip_templates.set_here(tx, data.templates)
        order_slips.read_anew(tx)

    await parts.work.awrite(put)
    return await _now(parts)


@post("/api/slip-templates/preview", status_code=200, request_max_body_size=_WITH_LOGO)
async def try_templates(parts: NamedDependency[Parts], data: JSONBody[TryBody]) -> Tried:
    """Changes nothing."""
    if wrong := slip_templates.why_no_logo(data.templates.logo):
        raise WorkRefused(f"标志图片不能打印：{wrong}")
    document = await parts.work.aread(lambda reading: tried(reading, data.kind, data.templates, data.order_id))
    on = roll(data.paper)
    return Tried(preview.as_text(document, on), await asyncio.to_thread(_picture, document, on))


@post("/api/shift-report", status_code=200)
async def shift_report(parts: NamedDependency[Parts]) -> ShiftReport:
    """Since the last one."""
    return ShiftReport(await parts.work.awrite(want_shift_report))


async def _now(parts: Parts) -> TemplatesNow:
    found = await parts.work.aread(slip_templates.in_force)
    here = found.source is not Source.HEADQUARTERS
    return TemplatesNow(found.templates, found.source, found.set_at, here, FIELDS, AUTOMATIC)


def _paper_of(parts: Parts, slip: Slip) -> Paper:
    """Of the printer that has the slip or must print it; of the first one where that is open."""
    printers = parts.settings.printers
    name = slip.printer or slip.pinned
    found = next((printer for printer in printers if printer.name == name), None) or next(iter(printers), None)
    return PAPER_58 if found is None else roll(found.paper, found.columns)


def _picture(document: Document, on: Paper) -> bytes:
    try:
        return preview.as_picture(document, on)
    except Unprintable as error:
        raise WorkRefused(f"这张小票不能打印：{error}", hint=error.hint) from error


WORK_HANDLERS = [get_picture]
"""What practice orders need too."""
HANDLERS = [*WORK_HANDLERS, get_templates, set_templates, try_templates, shift_report]
