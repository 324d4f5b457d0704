"""Money is whole fen (1/100 yuan). Channels that speak yuan are converted exactly, through Decimal."""

from decimal import Decimal, InvalidOperation

Fen = int

LARGEST: Fen = 10**11  # a thousand million yuan: beyond it the input is absurd, and floats stop being exact


class NotMoney(ValueError):
    """The text is no amount of yuan with at most two decimals."""


def fen_from_yuan(yuan: str | int | float) -> Fen:
    """'12.5', 12.5 and '12.50' are 1250; half a fen is refused, not rounded."""
    try:
        amount = Decimal(str(yuan)).scaleb(2)
    except InvalidOperation as error:
        raise NotMoney(f"not an amount in yuan: {yuan!r}") from error
    if not amount.is_finite() or amount != amount.to_integral_value() or abs(amount) > LARGEST:
        raise NotMoney(f"not a whole number of fen: {yuan!r}")
    return int(amount)


def shown(amount: Fen) -> str:
    """1250 -> '12.50'; the sign of the currency is the caller's (printers need ￥, pages ¥)."""
    sign = "-" if amount < 0 else ""
    return f"{sign}{abs(amount) // 100}.{abs(amount) % 100:02d}"
