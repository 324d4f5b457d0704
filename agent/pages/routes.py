"""The pages: board, one order, picking, devices, settings. Reading only; every change goes through the local API."""

from importlib.resources import files
from pathlib import PurePath

import jinja2
import msgspec
from litestar import MediaType, Request, Response, get
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery

from agent import board, choices, health, manager, policy, set_aside, trail
from agent.catalogue import lookup_in
from agent.config import Language
from agent.erp.standing import standing as erp_standing
from agent.jobs.api import health_view
from agent.looking import look
from agent.lots.listing import listing
from agent.order_view import order_view
from agent.pages import shown, steps
from agent.pages.words import Words
from agent.parts import Parts
from agent.picking.standing import standing
from agent.prescriptions import review_page
from agent.prescriptions import view as prescriptions
from agent.prescriptions.attendance import attendance
from agent.printing.overview import overview
from agent.quarantine import BEHIND
from agent.receiving import drafts
from agent.scanners import listing as scanner_listing
from agent.scanners import sheet as scanner_sheet
from agent.staff.api import station_of
from agent.staff.stations import PAGE
from agent.staff.view import view as staff_view
from domain.codes import Command
from domain.exceptions import TOLD
from domain.operations import MoveKind
from domain.orders import called
from domain.policy import Duty
from domain.prescriptions import REFUSALS
from domain.slips import SlipKind
from domain.templates import FIELDS, Field

Asked = Request[object, object, State]
_CHOSEN_KINDS = tuple(kind for kind in SlipKind if kind is not SlipKind.TEST)
"""Kinds that a printer can be given; a test slip is always for the printer it was asked of."""

_TEMPLATES = jinja2.Environment(
    loader=jinja2.PackageLoader("agent", "pages"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.filters.update(shown.FILTERS)
_TEMPLATES.globals.update(called=called, TOLD=TOLD, REFUSALS=REFUSALS, NEXT=Command.NEXT.value)


@get("/", media_type=MediaType.HTML)
async def board_page(parts: NamedDependency[Parts], request: Asked, find: FromQuery[str] = "") -> Response[str]:
    everything = await parts.work.aread(board.board)
    cards = await parts.work.aread(lambda reading: board.find(reading, find)) if find.strip() else everything.cards
    present = await parts.work.aread(attendance)
    return await _page(parts, request, "board.html", columns=shown.columns(cards), find=find, attendance=present)


@get("/orders/{order_id:str}", media_type=MediaType.HTML)
async def order_page(parts: NamedDependency[Parts], request: Asked, order_id: FromPath[str]) -> Response[str]:
    work = await _at_work(parts, request, order_id)
    done = await parts.work.aread(lambda reading: trail.steps(reading, order_id))
    return await _page(parts, request, "order.html", **work, steps=steps.rows(done))


@get("/orders/{order_id:str}/pick", media_type=MediaType.HTML)
async def pick_page(parts: NamedDependency[Parts], request: Asked, order_id: FromPath[str]) -> Response[str]:
    work = await _at_work(parts, request, order_id)
    packs = () if parts.practice is None else await parts.practice.packs(order_id)
    lesson = None if parts.practice is None else await parts.practice.lesson(order_id)
    return await _page(parts, request, "pick.html", **work, packs=packs, lesson=lesson)


async def _at_work(parts: Parts, request: Asked, order_id: str) -> dict[str, object]:
    """One order and how its pick stands, for both pages that show its lines."""
    station, lookup = station_of(request), lookup_in(parts.cache)
    view = await parts.work.aread(lambda reading: order_view(reading, order_id))
    pick = await parts.work.aread(lambda reading: standing(reading, order_id, station, lookup))
    if station == PAGE:  # the tab's first request, before its script says who it is
        pick = msgspec.structs.replace(pick, mine=True)
    can = await parts.work.aread(lambda reading: choices.of_order(reading, order_id, lookup))
    rx = await parts.work.aread(lambda reading: prescriptions.panel(reading, order_id))
    return {
        "order": view,
        "card": view.card,
        "lines": shown.by_shelf(view.lines),
        "pick": pick,
        "station": station,
        "stands": {each.line_id: each for each in pick.lines},
        "choices": can,
        "rx": rx,
        "cold": any(can[each.line.line_id].cold for each in view.lines if each.line.wanted),
    }


@get("/prescriptions", media_type=MediaType.HTML)
async def prescriptions_page(
    parts: NamedDependency[Parts], request: Asked, order: FromQuery[str] = ""
) -> Response[str]:
    """One at a time: the named order's, else the one that waits longest."""
    found = await parts.work.aread(lambda reading: review_page.review(reading, order))
    lines = shown.by_shelf(found.order.lines) if found.order else ()
    card = found.order.card if found.order else None
    return await _page(
        parts, request, "prescriptions.html", rx=found.panel, queue=found.queue, place=found.place, next=found.next,
        lines=lines, card=card, whole=True,
    )  # fmt: skip


@get("/manager", media_type=MediaType.HTML)
async def manager_page(parts: NamedDependency[Parts], request: Asked) -> Response[str]:
    seen = await parts.work.aread(manager.overview)
    products = lookup_in(parts.cache).of_skus(each.sku for each in seen.quarantined)
    return await _page(parts, request, "manager.html", seen=seen, products=products)


@get("/set-aside", media_type=MediaType.HTML)
async def set_aside_page(parts: NamedDependency[Parts], request: Asked) -> Response[str]:
    seen = await set_aside.listed(parts.work, parts.cache)
    return await _page(parts, request, "set_aside.html", seen=seen, behind=BEHIND)


@get("/stock", media_type=MediaType.HTML)
async def stock_page(
    parts: NamedDependency[Parts], request: Asked, find: FromQuery[str] = "", soon: FromQuery[bool] = False
) -> Response[str]:
    lookup = lookup_in(parts.cache)
    seen = await parts.work.aread(lambda reading: listing(reading, lookup, find, soon=soon))
    products = lookup.of_skus(each.sku for each in seen.moves)
    return await _page(
        parts, request, "stock.html", seen=seen, find=find, soon=soon, kinds=tuple(MoveKind), products=products
    )


@get("/receiving", media_type=MediaType.HTML)
async def receiving_page(parts: NamedDependency[Parts], request: Asked) -> Response[str]:
    lookup = lookup_in(parts.cache)
    return await _page(
        parts, request, "receiving.html", draft=await parts.work.aread(lambda reading: drafts.draft(reading, lookup))
    )


@get("/erp", media_type=MediaType.HTML)
async def erp_page(parts: NamedDependency[Parts], request: Asked) -> Response[str]:
    return await _page(parts, request, "erp.html", erp=await erp_standing(parts))


@get("/devices", media_type=MediaType.HTML)
async def devices_page(parts: NamedDependency[Parts], request: Asked) -> Response[str]:
    return await _page(parts, request, "devices.html")


@get("/printers", media_type=MediaType.HTML)
async def printers_page(parts: NamedDependency[Parts], request: Asked) -> Response[str]:
    seen = await overview(parts)
    return await _page(parts, request, "printers.html", seen=seen, kinds=_CHOSEN_KINDS, rulers=shown.RULERS)


@get("/scanners", media_type=MediaType.HTML)
async def scanners_page(parts: NamedDependency[Parts], request: Asked) -> Response[str]:
    seen = await scanner_listing.scanners(parts)
    return await _page(parts, request, "scanners.html", seen=seen, sheet=scanner_sheet.on_screen())


@get("/settings", media_type=MediaType.HTML)
async def settings_page(parts: NamedDependency[Parts], request: Asked) -> Response[str]:
    return await _page(
        parts,
        request,
        "settings.html",
        settings=parts.settings,
        file=parts.settings_now.path,
        training=parts.training.is_on,
        policy=await parts.work.aread(policy.in_force),
        duties=tuple(Duty),
    )


@get("/slips", media_type=MediaType.HTML)
async def slips_page(parts: NamedDependency[Parts], request: Asked) -> Response[str]:
    return await _page(parts, request, "slips.html", kinds=tuple(FIELDS), fields=tuple(Field))


@get("/doctor", media_type=MediaType.HTML)
async def doctor_page(parts: NamedDependency[Parts], request: Asked) -> Response[str]:
    return await _page(parts, request, "doctor.html", care=await health_view(parts))


def _asset(name: str) -> HTTPRouteHandler:
    kind = {".css": "text/css", ".js": "text/javascript"}[PurePath(name).suffix]

    @get(f"/{name}", media_type=f"{kind}; charset=utf-8", sync_to_thread=False)
    def asset() -> bytes:
        return (files(__package__) / name).read_bytes()

    return asset


async def _page(parts: Parts, request: Asked, template: str, **shown_here: object) -> Response[str]:
    words = Words(_language(parts, request))
    practice = None if parts.practice is None else await parts.practice.view()
    seen = await look(parts)
    common = {
        "state": seen.state,
        "remarks": health.remarks(seen, words),
        "announcements": await parts.voice.announcements(words),
        "people": await parts.work.aread(lambda reading: staff_view(reading, station_of(request))),
        "station_said": "x-yaolink-station" in request.headers,
    }
    text = _TEMPLATES.get_template(template).render(
        t=words, voice=parts.voice.view, practice=practice, **common, **shown_here
    )
    return Response(text, media_type=MediaType.HTML)


def _language(parts: Parts, request: Asked) -> Language:
    chosen = request.cookies.get("language", "")
    return Language(chosen) if chosen in set(Language) else parts.settings.language


WORK_PAGES = [
    *(board_page, order_page, pick_page, devices_page),
    *map(_asset, ("page.css", "wedge.js", "page.js", "sounds.js", "scans.js", "voice.js", "news.js", "people.js")),
    *map(_asset, ("prescription.css", "prescription.js")),
]
"""What practice orders need too."""
HANDLERS = [
    *WORK_PAGES,
    *(
        prescriptions_page,
        stock_page,
        receiving_page,
        erp_page,
        manager_page,
        set_aside_page,
        printers_page,
        scanners_page,
        settings_page,
        slips_page,
        doctor_page,
    ),
    *map(_asset, ("goods.js", "printers.js", "settings.js", "slips.js", "doctor.js", "set_aside.js", "jobs.js")),
]
PRACTICE_PAGES = [*WORK_PAGES, _asset("practice.css")]
