"""Our calls in the platform's words (facts/channels.md §1.5), and what its answer means for the outbox."""

from collections.abc import Awaitable, Callable, Sequence

import msgspec

from cloud.channels.base import Call, CallKind, CallResult, CallState
from cloud.channels.meituan.answers import rows_refused, value_of
from cloud.channels.meituan.client import Client
from cloud.channels.meituan.errors import Already, PlatformError, Refused, Unknown
from cloud.channels.meituan.settings import Settings
from domain.pieces import pieces
from domain.quantity import ONE, whole_units

ROWS_AT_ONCE = 200
LARGEST_STOCK = 99_999
REASONS = {
    CallKind.CANCEL: "商品缺货，无法供应",
    CallKind.AGREE_REFUND: "同意退款",
    CallKind.REFUSE_REFUND: "商家拒绝退款",
    CallKind.PART_REFUND: "商品缺货",
}
"""Said where the call brings no reason: the platform wants one."""


class Calls:
    def __init__(self, client: Client, settings: Settings) -> None:
        self._client = client
        self._settings = settings
        self._carry: dict[CallKind, Callable[[Call], Awaitable[str]]] = {
            CallKind.ACCEPT: self._accept,
            CallKind.PICKED: self._picked,
            CallKind.CANCEL: self._cancel,
            CallKind.AGREE_REFUND: self._agree_refund,
            CallKind.REFUSE_REFUND: self._refuse_refund,
            CallKind.PART_REFUND: self._part_refund,
            CallKind.STOCK: self._stock,
        }

    async def carry(self, call: Call) -> CallResult:
        """Never raises for what a platform or a network can do."""
        try:
            return CallResult(CallState.DONE, await self._carry[call.kind](call))
        except Already as answer:
            return CallResult(CallState.ALREADY, str(answer))
        except Unknown as answer:
            return _unknown(call, answer)
        except PlatformError as answer:
            state = CallState.LATER if answer.retryable else CallState.REFUSED
            return CallResult(state, str(answer), answer.retry_after)

    async def _accept(self, call: Call) -> str:
        await self._client.get("order/confirm", {"order_id": call.channel_order_id})
        return ""

    async def _picked(self, call: Call) -> str:
        await self._client.get("order/preparationMealComplete", {"order_id": call.channel_order_id})
        return ""

    async def _cancel(self, call: Call) -> str:
        code = str(self._settings.cancel_reason_code)
        await self._client.get("order/cancel", _reasoned(call) | {"reason_code": code})
        return ""

    async def _agree_refund(self, call: Call) -> str:
        await self._client.get("order/refund/agree", _reasoned(call))
        return ""

    async def _refuse_refund(self, call: Call) -> str:
        await self._client.get("order/refund/reject", _reasoned(call))
        return ""

    async def _part_refund(self, call: Call) -> str:
        if not call.lines or any(line.quantity < ONE or line.quantity % ONE for line in call.lines):
            raise Refused("the platform refunds whole packs only")
        rows = [
            {"app_food_code": line.channel_sku, "sku_id": line.channel_sku, "count": whole_units(line.quantity)}
            for line in call.lines
        ]
        await self._client.post("order/applyPartRefund", _reasoned(call) | {"food_data": _json(rows)})
        return ""

    async def _stock(self, call: Call) -> str:
        """Absolute figures, so a batch may be told again. Refused rows are told of once and not repeated for ever."""
        said, refused = [], []
        for some in pieces(call.stock, ROWS_AT_ONCE):
            try:
                said.append(await self._stock_rows(call.shop, some))
            except Refused as answer:
                refused.append(str(answer))
        if refused:
            raise Refused("; ".join(refused))
        return "; ".join(filter(None, said))

    async def _stock_rows(self, shop: str, stock: Sequence[tuple[str, int]]) -> str:
        rows = [
            {"app_poi_code": shop, "app_medicine_code": sku, "stock": min(max(units, 0), LARGEST_STOCK)}
            for sku, units in stock
        ]
        params = {"app_poi_code": shop, "medicine_data": _json(rows)}
        response = await self._client.post_raw("medicine/stock", params)
        said = rows_refused(response.content) if response.status_code == 200 else ""
        value_of(response.status_code, response.content, response.headers.get("Retry-After"))
        return said


def _reasoned(call: Call) -> dict[str, str]:
    return {"order_id": call.channel_order_id, "reason": call.reason or REASONS[call.kind]}


def _unknown(call: Call, answer: Unknown) -> CallResult:
    """It may have happened. Saying it again is harmless, except for money: a second part refund would be paid too, so a
    person looks; if it did happen, the platform's own push says so."""
    if call.kind is CallKind.PART_REFUND:
        return CallResult(CallState.REFUSED, f"unknown whether the refund was made: {answer}")
    return CallResult(CallState.LATER, str(answer), answer.retry_after)


def _json(rows: object) -> str:
    return msgspec.json.encode(rows).decode()
