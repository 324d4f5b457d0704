"""Everything of the hub that a browser or an operator's program opens: pages, their API, health and counters."""

from typing import Any, cast

import msgspec
from litestar import Litestar, MediaType, Request, Response, Router, get, post
from litestar.datastructures import Cookie, State
from litestar.di import NamedDependency, Provide
from litestar.exceptions import HTTPException
from litestar.openapi import OpenAPIConfig
from litestar.params import FromPath, JSONBody

from cloud import operator_api, slashes
from cloud.asgi import App, BadRequest
from cloud.codes.loading import CodeLists
from cloud.counters import Counters
from cloud.desk import Desk
from cloud.erp.desk import ErpDesk
from cloud.fleet.desk import FleetDesk
from cloud.gate import COOKIE, Gate, operators_only
from cloud.pages import erp as erp_pages
from cloud.pages import fleet as fleet_pages
from cloud.pages import people as people_pages
from cloud.pages import prescriptions as prescription_pages
from cloud.pages import set_aside as set_aside_pages
from cloud.pages.handlers import PAGES, to_login
from cloud.pages.handlers import login as login_page
from cloud.pages.rendering import STATIC
from cloud.people.desk import People
from cloud.prescriptions.pharmacy import Pharmacy
from cloud.recalls import Recalls
from cloud.refusals import refusal
from cloud.set_aside.desk import SetAsideDesk

SECURITY = {
    "content-security-policy": "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}
AtGate = NamedDependency[Gate]
AnyRequest = Request[Any, Any, State]


class Login(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    token: str


@get("/health", media_type=MediaType.JSON)
async def health() -> dict[str, str]:
    return {"status": "ok"}


@get("/metrics", guards=[operators_only])
async def metrics(desk: operator_api.AtDesk) -> Counters:
    """Since this process started."""
    return desk.counters


@post("/api/login", status_code=204)
async def login(request: AnyRequest, gate: AtGate, data: JSONBody[Login]) -> Response[None]:
    gate.attempts.count(request.client.host if request.client else "")
    if not gate.is_token(data.token.strip()):
        raise BadRequest(401, "not_an_operator", "the operator's token is wrong", "yaolink-hub token")
    return Response(None, cookies=[gate.cookie()], status_code=204)


@post("/api/logout", status_code=204)
async def logout() -> Response[None]:
    return Response(None, cookies=[Cookie(COOKIE, value="", max_age=0)], status_code=204)


@get("/static/{name:str}", include_in_schema=False)
async def static(name: FromPath[str]) -> Response[bytes]:
    if (found := STATIC.get(name)) is None:
        raise BadRequest(404, "no_such_file", f"there is no {name}")
    kind, content = found
    return Response(content, media_type=kind, headers={"cache-control": "no-cache"})


def problem(_: AnyRequest, error: Exception) -> Response[bytes]:
    return _answer(refusal(error))


def http_problem(_: AnyRequest, error: HTTPException) -> Response[bytes]:
    """Litestar's own: no such path, a query that does not fit, a broken body."""
    word = "no_such_path" if error.status_code == 404 else "not_understood"
    return _answer(BadRequest(error.status_code, word, error.detail, _what_exactly(error)))


def _what_exactly(error: HTTPException) -> str:
    found = error.extra if isinstance(error.extra, list) else []
    return "; ".join(f"{one.get('key', '')}: {one.get('message', '')}" for one in found if isinstance(one, dict))


def _answer(refused: BadRequest) -> Response[bytes]:
    return Response(msgspec.json.encode(refused.problem), status_code=refused.status, media_type=MediaType.JSON)


def site(
    desk: Desk,
    people: People,
    pharmacy: Pharmacy,
    recalls: Recalls,
    codes: CodeLists,
    aside: SetAsideDesk,
    fleet: FleetDesk,
    erp: ErpDesk,
    gate: Gate,
) -> App:
    beside = (erp_pages, fleet_pages, people_pages, prescription_pages, set_aside_pages)
    handlers = [*PAGES, *(page for part in beside for page in part.PAGES)]
    pages = Router("/", route_handlers=handlers, before_request=to_login)
    parts = {"desk": desk, "people": people, "pharmacy": pharmacy, "recalls": recalls, "aside": aside, "fleet": fleet}
    parts |= {"gate": gate, "codes": codes, "erp": erp}
    app = Litestar(
        [operator_api.router(), pages, login_page, health, metrics, login, logout, static],
        dependencies={name: _given(part) for name, part in parts.items()},
        state=State({"gate": gate}),
        middleware=[slashes.given_back],
        exception_handlers={HTTPException: http_problem, Exception: problem},
        response_headers=SECURITY,
        openapi_config=OpenAPIConfig(title="Yaolink hub", version="1", path="/api/schema"),
        logging_config=None,
    )
    return slashes.kept_in_paths(cast(App, app))  # Litestar types an ASGI message by its kind, we as any mapping


def _given(value: object) -> Provide:
    def provide() -> object:
        return value

    return Provide(provide, use_cache=True, sync_to_thread=False)
