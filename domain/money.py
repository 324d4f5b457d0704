"""Money is whole fen (1/100 yuan). A channel that speaks yuan converts where its words come in, exactly."""

Fen = int

LARGEST: Fen = 10**11  # a thousand million yuan: beyond it the input is absurd, and floats stop being exact


def shown(amount: Fen) -> str:
    """1250 -> '12.50'; the sign of the currency is the caller's (printers need ￥, pages ¥)."""
    sign = "-" if amount < 0 else ""
    return f"{sign}{abs(amount) // 100}.{abs(amount) % 100:02d}"
