"""Lists of codes in the operator's API."""

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from cloud.codes.lists import Counted
from cloud.codes.loading import Changed, CodeLists, WantedCodes
from domain.code_lists import CodeList

AtCodes = NamedDependency[CodeLists]


@get("/codes")
async def codes_counted(codes: AtCodes) -> Counted:
    return await codes.counted()


@post("/codes/{of:str}", status_code=200)
async def load_codes(codes: AtCodes, of: FromPath[CodeList], data: JSONBody[WantedCodes]) -> Changed:
    """`recalled` or `banned`; every store is told at once."""
    return await codes.load(of, data)


@post("/codes/{of:str}/unload", status_code=200)
async def unload_codes(codes: AtCodes, of: FromPath[CodeList], data: JSONBody[WantedCodes]) -> Changed:
    return await codes.unload(of, data)


HANDLERS = [codes_counted, load_codes, unload_codes]
