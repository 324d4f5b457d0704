"""Code 128 and QR as SVG, for cards that people print."""

# Widths of bar, space, bar, space, bar, space of the symbols 0 to 104, six digits each (ISO/IEC 15417).
_WIDTHS = (
    "212222222122222221121223121322131222122213122312132212221213221312231212112232122132122231113222"
    "123122123221223211221132221231213212223112312131311222321122321221312212322112322211212123212321"
    "232121111323131123131321112313132113132311211313231113231311112133112331132131113123113321133121"
    "313121211331231131213113213311213131311123311321331121312113312311332111314111221411431111111224"
    "111422121124121421141122141221112214112412122114122411142112142211241211221114413111241112134111"
    "111242121142121241114212124112124211411212421112421211212141214121412121111143111341131141114113"
    "114311411113411311113141114131311141411131211412211214"
)
_START_B, _STOP = 104, "2331112"
_QUIET = 10
"""Modules of bare paper beside the bars; four around a QR code."""


def bars(text: str) -> str:
    """Printable ASCII, in code set B."""
    if not text or not all(" " <= char <= "~" for char in text):
        raise ValueError(f"no Code 128 for {text!r}")
    symbols = [_START_B, *(ord(char) - 32 for char in text)]
    check = sum(max(place, 1) * symbol for place, symbol in enumerate(symbols)) % 103
    widths = "".join(_WIDTHS[6 * symbol : 6 * symbol + 6] for symbol in (*symbols, check)) + _STOP
    drawn, at = [], _QUIET
    for place, width in enumerate(map(int, widths)):
        if place % 2 == 0:
            drawn.append(f"M{at} 0h{width}v40h-{width}z")
        at += width
    return _svg(at + _QUIET, 40, "".join(drawn), stretched=True)


def qr(text: str) -> str:
    import qrcode  # only who prints cards needs it

    symbol = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=4)
    symbol.add_data(text.encode(), optimize=0)
    rows = symbol.get_matrix()
    dots = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark)
    return _svg(len(rows), len(rows), dots)


def _svg(width: int, height: int, path: str, *, stretched: bool = False) -> str:
    aspect = ' preserveAspectRatio="none"' if stretched else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"{aspect}'
        f' shape-rendering="crispEdges"><path d="{path}"/></svg>'
    )
