"""The pages of headquarters' pharmacists: the queue, one prescription, the archive."""

from litestar import get
from litestar.params import FromPath, FromQuery

from cloud.operator_api import AtDesk
from cloud.pages.handlers import AnyRequest, Page, page
from cloud.prescriptions.api import AtPharmacy
from cloud.views.prescriptions import Sought


@get("/prescriptions", include_in_schema=False)
async def prescriptions(request: AnyRequest, desk: AtDesk, pharmacy: AtPharmacy, id: FromQuery[str] = "") -> Page:
    """`id`: the one to look at; the oldest where that does not wait any more."""
    rows = await pharmacy.waiting()
    ids = [row.prescription.prescription_id for row in rows]
    chosen = id if id in ids else next(iter(ids), "")
    return await page(
        request,
        desk,
        "prescriptions.html",
        rows=rows,
        view=await pharmacy.one(chosen) if chosen else None,
        on_duty=await pharmacy.on_duty(),
    )


@get("/prescriptions/archive", include_in_schema=False)
async def archive(
    request: AnyRequest,
    desk: AtDesk,
    pharmacy: AtPharmacy,
    order: FromQuery[str] = "",
    store: FromQuery[str] = "",
    staff: FromQuery[str] = "",
    day: FromQuery[str] = "",
    before: FromQuery[str] = "",
) -> Page:
    sought = Sought(order.strip(), store, staff.strip(), day, before)
    rows = await pharmacy.archive(sought)
    return await page(request, desk, "prescription_archive.html", rows=rows, sought=sought, stores=await desk.stores())


@get("/prescriptions/{prescription_id:str}", include_in_schema=False)
async def prescription(request: AnyRequest, desk: AtDesk, pharmacy: AtPharmacy, prescription_id: FromPath[str]) -> Page:
    view, on_duty = await pharmacy.one(prescription_id), await pharmacy.on_duty()
    return await page(request, desk, "prescription.html", view=view, on_duty=on_duty)


PAGES = [prescriptions, archive, prescription]
