"""Prescriptions over the local API. Whoever decides proves anew who they are; nothing of a proof is kept."""

from collections.abc import Callable

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from agent.blobs import media_type_of
from agent.errors import NotFound
from agent.local_api import Done
from agent.parts import Parts
from agent.prescriptions import deciding, giving_back, view
from agent.prescriptions.attendance import Attendance, attendance
from agent.prescriptions.view import PrescriptionPanel, Queued
from agent.staff.api import Station
from agent.staff.proving import prove
from agent.staff.stations import worker
from agent.transactions import Transaction
from domain.proofs import Proof, Text
from domain.staff import Role


class DecideBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`reason` is one of `domain.prescriptions.REFUSALS`; empty with an approval."""

    approve: bool
    proof: Proof
    reason: Text = ""


class VerifyBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    proof: Proof


class Waiting(msgspec.Struct, frozen=True):
    """Those that want a pharmacist's word, and who is there to give it."""

    prescriptions: tuple[Queued, ...]
    attendance: Attendance


@get("/api/prescriptions")
async def get_waiting(parts: NamedDependency[Parts]) -> Waiting:
    return await parts.work.aread(lambda reading: Waiting(view.queue(reading), attendance(reading)))


@get("/api/orders/{order_id:str}/prescriptions")
async def get_panel(parts: NamedDependency[Parts], order_id: FromPath[str]) -> PrescriptionPanel | None:
    """The patient masked; null for an order that needs none."""
    return await parts.work.aread(lambda reading: view.panel(reading, order_id))


@get("/api/prescriptions/{prescription_id:str}/images/{digest:str}")
async def get_image(
    parts: NamedDependency[Parts], prescription_id: FromPath[str], digest: FromPath[str]
) -> Response[bytes]:
    """What is no picture by its own bytes is for saving only."""
    found = await parts.work.aread(lambda reading: view.image(reading, prescription_id, digest))
    if found is None:
        raise NotFound("这张处方图片还没有到")
    name, content = found
    kind = media_type_of(content)
    shown = "inline" if kind else "attachment"
    return Response(
        content,
        media_type=kind or "application/octet-stream",
        headers={"Content-Disposition": f'{shown}; filename="{name}"'},
    )


@post("/api/prescriptions/{prescription_id:str}/decide", status_code=200)
async def decide(
    parts: NamedDependency[Parts], station: Station, prescription_id: FromPath[str], data: JSONBody[DecideBody]
) -> Done:
    staff = await prove(parts, data.proof, Role.PHARMACIST)
    return await _do(
        parts,
        lambda tx: deciding.decide(tx, prescription_id, staff, station, approve=data.approve, reason=data.reason),
    )


@post("/api/prescriptions/{prescription_id:str}/verify-patient", status_code=200)
async def verify_patient(
    parts: NamedDependency[Parts], station: Station, prescription_id: FromPath[str], data: JSONBody[VerifyBody]
) -> Done:
    staff = await prove(parts, data.proof)
    return await _do(parts, lambda tx: deciding.verify_patient(tx, prescription_id, staff, station))


@post("/api/orders/{order_id:str}/decline", status_code=200)
async def decline(parts: NamedDependency[Parts], station: Station, order_id: FromPath[str]) -> Done:
    return await _do(parts, lambda tx: giving_back.give_back(tx, order_id, worker(tx, station)))


async def _do(parts: Parts, step: Callable[[Transaction], None]) -> Done:
    await parts.work.awrite(step)
    return Done()


HANDLERS = [get_waiting, get_panel, get_image, decide, verify_patient, decline]
