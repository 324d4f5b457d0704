"""What a scan means: a pure decision over the text a scanner read (facts/compliance.md §1, §2, §7 R1-R2).

The order of the questions is the rule. Our own codes first, then payment codes, then the 20 digits of a trace code, and
only then GS1:
asked first, biip takes up to one in ten trace codes for a GS1 message.
"""

import re

import msgspec

from domain.ids import ORDER_CODE_LENGTH, ORDER_CODE_PREFIX

LONGEST = 512
"""Characters; a longer scan is no code of any kind we know."""

_TRACE = re.compile(r"[0-9]{20}", re.ASCII)
_DIGITS = re.compile(r"[0-9]+", re.ASCII)
_ORDER = re.compile(rf"{ORDER_CODE_PREFIX}[0-9A-HJKMNP-TV-Z]{{{ORDER_CODE_LENGTH - len(ORDER_CODE_PREFIX)}}}")
# As both platforms publish them for merchants who scan their customers' phones.
_WECHAT_PAYS = re.compile(r"1[0-5][0-9]{16}", re.ASCII)
_ALIPAY_PAYS = re.compile(r"(?:2[5-9]|30)[0-9]{14,22}", re.ASCII)
_GS1_SYMBOLOGY = ("]C1", "]e0", "]d2", "]Q3", "]J1")
_PLAIN_SYMBOLOGY = re.compile(r"\][A-Za-z][0-9A-Fa-f]")
_INVISIBLE = str.maketrans("", "", "\ufeff\u200b\u200c\u200d\u2060\u200e\u200f")


class OrderCode(msgspec.Struct, frozen=True, tag="order"):
    """The code of one of our slips."""

    code: str


class PaymentCode(msgspec.Struct, frozen=True, tag="payment"):
    """A customer's WeChat or Alipay payment code. It is recognised so that it is never kept: it carries no text."""


class TraceCode(msgspec.Struct, frozen=True, tag="trace"):
    """药品追溯码 of 20 digits. It has no public check digit: only length, prefix and uniqueness can be judged here."""

    code: str

    @property
    def prefix(self) -> str:
        """药品标识码: says product and pack, never the lot."""
        return self.code[:7]


class Gs1Code(msgspec.Struct, frozen=True, tag="gs1"):
    """A GS1 message that names a product. `code` is what makes one pack unique, None without a serial (21)."""

    gtin: str
    code: str | None
    lot: str | None


class ProductBarcode(msgspec.Struct, frozen=True, tag="barcode"):
    """The retail barcode (69-code): says the product, not the pack."""

    code: str


class Unreadable(msgspec.Struct, frozen=True, tag="unreadable"):
    """`why` is the sentence the clerk reads."""

    text: str
    why: str


Code = OrderCode | PaymentCode | TraceCode | Gs1Code | ProductBarcode | Unreadable


def classify(raw: str) -> Code:
    """Decides what one scan is. Every text has an answer; nothing is raised."""
    text = raw.strip("\r\n\t ").translate(_INVISIBLE)
    if not text or len(text) > LONGEST:
        return Unreadable(text[:LONGEST], "扫码不完整，请重扫")
    if text.startswith(_GS1_SYMBOLOGY):
        return _gs1(text) or Unreadable(text, "二维码内容不完整，请重扫")
    text = _PLAIN_SYMBOLOGY.sub("", text, count=1) if _PLAIN_SYMBOLOGY.match(text) else text
    for question in (_order, _payment, _trace, _gs1, _barcode):
        if (code := question(text)) is not None:
            return code
    return Unreadable(text, _why_not(text))


def _order(text: str) -> OrderCode | None:
    return OrderCode(text.upper()) if _ORDER.fullmatch(text.upper()) else None


def _payment(text: str) -> PaymentCode | None:
    return PaymentCode() if _WECHAT_PAYS.fullmatch(text) or _ALIPAY_PAYS.fullmatch(text) else None


def _trace(text: str) -> TraceCode | None:
    return TraceCode(text) if _TRACE.fullmatch(text) else None


def _gs1(text: str) -> Gs1Code | None:
    """Only messages that begin with a product's number and survive biip whole; a lost separator must not pass."""
    if not text.startswith(("01", *_GS1_SYMBOLOGY)):
        return None
    import biip  # 20 MB that a store without GS1 codes need not spend

    try:
        message = biip.parse(text).gs1_message
    except (
        biip.ParseError,
        IndexError,
    ):  # IndexError: biip's own slip on a lone ']' (facts/compliance.md §2.2 d)
        return None
    if message is None:
        return None
    product = message.element_strings.get(ai="01")
    if product is None or product.gtin is None:
        return None
    serial, lot = message.element_strings.get(ai="21"), message.element_strings.get(ai="10")
    return Gs1Code(
        gtin=product.gtin.value.zfill(14),
        code=f"{product.gtin.value.zfill(14)}/{serial.value}" if serial else None,
        lot=lot.value if lot else None,
    )


def _barcode(text: str) -> ProductBarcode | None:
    return ProductBarcode(text) if len(text) in (8, 12, 13) and check_digit_holds(text) else None


def check_digit_holds(digits: str) -> bool:
    """GS1's modulo-10 check digit, as EAN-8, UPC-A and EAN-13 carry it."""
    if not _DIGITS.fullmatch(digits):
        return False
    weighted = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(reversed(digits)))
    return weighted % 10 == 0


def _why_not(text: str) -> str:
    """A trace code that lost, doubled or glued digits is told apart from a code nobody knows."""
    if _DIGITS.fullmatch(text) and (len(text) >= 15 or text.startswith("8")):
        return f"扫码不完整（{len(text)} 位，应为 20 位），请重扫"
    if _DIGITS.fullmatch(text) and len(text) in (8, 12, 13):
        return "商品条码校验不对，请重扫"
    return "不认识的码，请扫描药盒上的追溯码或商品条码"
