"""The page about the chain's ERP: what is stuck, what it told of each store, its tokens."""

from litestar import get

from cloud.erp.operator import AtErp
from cloud.operator_api import AtDesk
from cloud.pages.handlers import AnyRequest, Page, page


@get("/erp", include_in_schema=False)
async def erp_page(request: AnyRequest, desk: AtDesk, erp: AtErp) -> Page:
    return await page(request, desk, "erp.html", erp=await erp.overview())


PAGES = [erp_page]
