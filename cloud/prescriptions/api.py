"""Prescriptions in the operator's API. Whoever decides proves who they are, each time; nothing of a proof is kept."""

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from cloud.prescriptions.pharmacy import Decided, Pharmacy
from cloud.views.prescriptions import Row, Sought, View
from domain.blobs import PICTURES

AtPharmacy = NamedDependency[Pharmacy]
_ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "application/pdf": "pdf"}


@get("/prescriptions")
async def waiting(pharmacy: AtPharmacy) -> tuple[Row, ...]:
    """Those that wait for a pharmacist, oldest first."""
    return await pharmacy.waiting()


@get("/prescriptions/archive")
async def archive(
    pharmacy: AtPharmacy,
    order: FromQuery[str] = "",
    store: FromQuery[str] = "",
    staff: FromQuery[str] = "",
    day: FromQuery[str] = "",
    before: FromQuery[str] = "",
) -> tuple[Row, ...]:
    """Newest first."""
    return await pharmacy.archive(Sought(order, store, staff, day, before))


@get("/prescriptions/{prescription_id:str}")
async def one(pharmacy: AtPharmacy, prescription_id: FromPath[str]) -> View:
    return await pharmacy.one(prescription_id)


@get("/prescriptions/{prescription_id:str}/images/{digest:str}")
async def image(pharmacy: AtPharmacy, prescription_id: FromPath[str], digest: FromPath[str]) -> Response[bytes]:
    """Pictures are shown; whatever else it is, is downloaded: nothing that somebody sent runs in our page."""
    kind, content = await pharmacy.image(prescription_id, digest)
    how = "inline" if kind in PICTURES else "attachment"
    headers = {
        "cache-control": "no-store",
        "content-disposition": f'{how}; filename="{digest[:16]}.{_ENDINGS.get(kind, "bin")}"',
        "content-security-policy": "default-src 'none'; sandbox",
    }
    return Response(content, media_type=kind, headers=headers)


@post("/prescriptions/{prescription_id:str}/decide", status_code=204)
async def decide(pharmacy: AtPharmacy, prescription_id: FromPath[str], data: JSONBody[Decided]) -> None:
    await pharmacy.decide(prescription_id, data)


@post("/prescriptions/{prescription_id:str}/look-again", status_code=204)
async def look_again(pharmacy: AtPharmacy, prescription_id: FromPath[str]) -> None:
    """What was decided counts no more."""
    await pharmacy.look_again(prescription_id)


@post("/prescriptions/{prescription_id:str}/ask-again", status_code=204)
async def ask_again(pharmacy: AtPharmacy, prescription_id: FromPath[str]) -> None:
    """Its images are asked for at once."""
    await pharmacy.ask_again(prescription_id)


HANDLERS = [waiting, archive, one, image, decide, look_again, ask_again]
