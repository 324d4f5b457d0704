"""medicine/stock: up to 200 rows, each good or bad by itself (facts/channels.md §1.4, §1.5)."""

from typing import Annotated

import msgspec

from installer.simulators.meituan.errors import MESSAGES, PlatformError
from installer.simulators.meituan.params import Params
from installer.simulators.meituan.platform import Platform
from installer.simulators.meituan.settings import Shop
from installer.simulators.meituan.texts import json_text

MOST_ROWS = 200
MOST_STOCK = 99_999


class Row(msgspec.Struct, frozen=True):
    app_medicine_code: Annotated[str, msgspec.Meta(min_length=1)]
    stock: int | str
    app_poi_code: str = ""


def answer(platform: Platform, params: Params) -> dict[str, object]:
    shop_id = params.text("app_poi_code")
    shop = platform.orders.shop(shop_id)
    rows = _rows(params.text("medicine_data"))
    wrong = {index: code for index, row in enumerate(rows) if (code := _wrong(shop, rows[:index], row))}
    good = [row for index, row in enumerate(rows) if index not in wrong]
    for row in good:
        platform.stock[shop_id, row.app_medicine_code] = int(row.stock)
    if not wrong:
        return {"result_code": 1, "data": "ok"}
    errors = [
        {"app_medicine_code": rows[index].app_medicine_code, "code": code, "msg": MESSAGES[code]}
        for index, code in wrong.items()
    ]
    return {
        "result_code": 2 if good else 3,
        "data": "ok" if good else "ng",
        "success_list": json_text([row.app_medicine_code for row in good]),
        "error_list": json_text(errors),
    }


def _rows(text: str) -> list[Row]:
    try:
        rows = msgspec.json.decode(text, type=list[Row])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise PlatformError(705, f"medicine_data: {error}") from error
    if not 1 <= len(rows) <= MOST_ROWS:
        raise PlatformError(705, f"medicine_data has {len(rows)} rows, 1 to {MOST_ROWS} are allowed")
    return rows


def _wrong(shop: Shop, earlier: list[Row], row: Row) -> int | None:
    if any(other.app_medicine_code == row.app_medicine_code for other in earlier):
        return 3009
    if shop.medicine(row.app_medicine_code) is None:
        return 3004
    text = str(row.stock)
    if not (text.isascii() and text.isdecimal() and int(text) <= MOST_STOCK):
        return 3006
    return None
