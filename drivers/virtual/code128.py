"""Reading the data of `GS k 73` and turning it into bars (ISO/IEC 15417)."""

from dataclasses import dataclass

# Widths of bar, space, bar, space, bar, space of the symbols 0 to 105, six digits each.
_WIDTHS = (
    "212222222122222221121223121322131222122213122312132212221213221312231212112232122132122231113222"
    "123122123221223211221132221231213212223112312131311222321122321221312212322112322211212123212321"
    "232121111323131123131321112313132113132311211313231113231311112133112331132131113123113321133121"
    "313121211331231131213113213311213131311123311321331121312113312311332111314111221411431111111224"
    "111422121124121421141122141221112214112412122114122411142112142211241211221114413111241112134111"
    "111242121142121241114212124112124211411212421112421211212141214121412121111143111341131141114113"
    "114311411113411311113141114131311141411131211412211214211232"
)
_STOP = "2331112"
_START = {"A": 103, "B": 104, "C": 105}
_SWITCH = {"A": 101, "B": 100, "C": 99}


class BadBarcode(ValueError):
    """The printer prints nothing for such data."""


@dataclass(frozen=True, slots=True)
class Barcode:
    """`text` is what the bars say; `modules` one character a module, 1 is black."""

    text: str
    modules: str


def read_barcode(data: bytes) -> Barcode:
    symbols: list[int] = []
    text: list[str] = []
    code_set, position = "", 0
    while position < len(data):
        byte, following = data[position], data[position + 1 : position + 2].decode("latin-1")
        if byte == 0x7B and following in _START:
            symbols.append(_SWITCH[following] if symbols else _START[following])
            code_set, position = following, position + 2
            continue
        if not code_set:
            raise BadBarcode("no code set selected")
        if byte == 0x7B and following != "{":
            raise BadBarcode("functions and shift are not supported here")
        symbol, said = _symbol(byte, code_set)
        symbols.append(symbol)
        text.append(said)
        position += 2 if byte == 0x7B and code_set != "C" else 1
    if not text:
        raise BadBarcode("no data")
    return Barcode("".join(text), _bars(symbols))


def _symbol(byte: int, code_set: str) -> tuple[int, str]:
    match code_set:
        case "C" if byte <= 99:
            return byte, f"{byte:02d}"
        case "B" if 0x20 <= byte <= 0x7F:
            return byte - 0x20, chr(byte)
        case "A" if byte < 0x60:
            return (byte - 0x20 if byte >= 0x20 else byte + 0x40), chr(byte)
        case _:
            raise BadBarcode(f"byte {byte} is not in code set {code_set}")


def _bars(symbols: list[int]) -> str:
    check = (symbols[0] + sum(place * symbol for place, symbol in enumerate(symbols))) % 103
    widths = "".join(_WIDTHS[6 * symbol : 6 * symbol + 6] for symbol in [*symbols, check]) + _STOP
    return "".join(("0" if place % 2 else "1") * int(width) for place, width in enumerate(widths))
