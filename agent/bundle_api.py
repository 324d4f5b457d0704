"""The support bundle over the local API: made and shown by one request, saved as it was shown by the next."""

import asyncio
import secrets

import msgspec
from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from agent.bundle import Bundle, collect, zipped
from agent.doctor.case import of_running
from agent.errors import NotFound
from agent.parts import Parts
from agent.state import state


class BundleView(msgspec.Struct, frozen=True):
    id: str
    bundle: Bundle


class Shown:
    """The last bundle that somebody looked at; an earlier one is forgotten. In the event loop's thread."""

    def __init__(self) -> None:
        self._last: BundleView | None = None

    def keep(self, bundle: Bundle) -> BundleView:
        self._last = BundleView(secrets.token_hex(8), bundle)
        return self._last

    def get(self, id: str) -> Bundle:
        if self._last is None or self._last.id != id:
            raise NotFound("这个支持包已过期，请重新生成 (this bundle is gone, make it anew)")
        return self._last.bundle


@post("/api/bundle", status_code=200)
async def make_bundle(parts: NamedDependency[Parts], shown_bundle: NamedDependency[Shown]) -> BundleView:
    from agent.doctor.examination import examine  # 2 MB and half a second that only who asks need spend

    case = await asyncio.to_thread(of_running, parts)
    findings = await examine(case)
    return shown_bundle.keep(await asyncio.to_thread(collect, case, findings, await state(parts)))


@post("/api/bundle/{id:str}/zip", status_code=200, media_type="application/zip")
async def save_bundle(shown_bundle: NamedDependency[Shown], id: FromPath[str]) -> Response[bytes]:
    bundle = shown_bundle.get(id)
    name = f'attachment; filename="{bundle.file}"'
    return Response(await asyncio.to_thread(zipped, bundle), headers={"content-disposition": name})


HANDLERS = [make_bundle, save_bundle]
