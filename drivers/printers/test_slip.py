"""What a printer prints to be judged by: how wide it is, which characters its font has, whether its codes are read.

A clerk compares; nobody needs to know what a dot or a code page is.
"""

import io
from collections.abc import Iterator

from drivers.printers.capability import Capabilities, Font
from drivers.printers.document import Block, Code128, Document, Feed, Pair, Paper, Picture, QrCode, Rule, Sample, Text

_COLUMNS = (32, 42, 48)
_TWINS = (
    "简体 阿莫西林胶囊 感冒灵颗粒",
    "繁体 蟅蓂藭薁噁朮莵 當歸",
    "符号 ￥12.5 37.3℃ 10㎎ ×±≤①",
    "制表 ┌─┬─┐│├┼┤└┴┘═",
)
"""GB2312, GBK only, symbols, box drawing: at most 32 cells each."""
_DRAWN = "生僻 䗪虫 㕮咀 𬟁"
_TRACE_CODE = "01234567890123456789"
"""As long as a drug's trace code, and none: those begin with 8."""
_QR = "YAOLINK"
_GREYS = (1, 2, 4, 8)
_BAR_DOTS = 24
_EDGE_DOTS = 4


def document(name: str, address: str, paper: Paper, capabilities: Capabilities, *, code: str = "") -> Document:
    """`code` is the slip's own, where it has one: scanned, it proves that the slip came out."""
    blocks = (
        *_head(name, address, paper, capabilities),
        *_width(),
        *_font(),
        *_codes(code),
        *_density(paper),
    )
    return Document(blocks)


def _head(name: str, address: str, paper: Paper, capabilities: Capabilities) -> Iterator[Block]:
    yield Text("打印测试页", width=2, height=2, bold=True, align="center")
    yield Text("Test slip", align="center")
    yield Rule("=")
    yield Pair("打印机 Printer", name)
    yield Pair("地址", address)
    yield Pair("纸宽 Set to", f"{paper.columns}列 {paper.dots}点")
    for label, words in in_words(capabilities):
        yield Pair(label, words)


def in_words(capabilities: Capabilities) -> Iterator[tuple[str, str]]:
    """What a printer can prove and has, as a clerk reads it."""
    model = " ".join(filter(None, (capabilities.maker, capabilities.model)))
    if model:
        yield "型号 Model", model
    if capabilities.serial:
        yield "序列号 Serial", capabilities.serial
    yield "证明 Proof", _proof(capabilities)
    yield "字库 Font", "GBK" if capabilities.font is Font.GBK else "GB2312"
    yield "二维码 QR", "打印机自带 native" if capabilities.native_qr else "点阵 drawn"


def _proof(capabilities: Capabilities) -> str:
    match capabilities:
        case Capabilities(process_id=True):
            return "A 逐张回执"
        case Capabilities(in_order=True):
            return "B 打完应答"
        case Capabilities(in_order=None):
            return "尚未检测 not asked"
        case _:
            return "C 仅已发送 sent only"


def _width() -> Iterator[Block]:
    yield Rule()
    yield Text("1 最宽的、没有折行的是哪一行？\nWhich is the widest unbroken ruler?")
    for columns in _COLUMNS:
        yield Sample(ruler(columns))


def ruler(columns: int) -> str:
    """`[........10…32]`: each number ends in the column it names, the last before the bracket."""
    cells = list("." * columns)
    for tens in range(10, columns - 4, 10):
        cells[tens - 2 : tens] = str(tens)
    cells[0], cells[-3:] = "[", f"{columns}]"
    return "".join(cells)


def _font() -> Iterator[Block]:
    yield Rule()
    yield Text("2 每两行应一样：上行是打印机的字，下行是画的。不一样就把字库改为 GB2312")
    yield Text("Each two lines must look alike; if not, set the font to GB2312.")
    for text in _TWINS:
        yield Sample(text)
        yield Sample(text, drawn=True)
    yield Sample(_DRAWN, drawn=True)


def _codes(code: str) -> Iterator[Block]:
    yield Rule()
    yield Text("3 扫这两个码；没有二维码就改为点阵\nScan both; no QR code? Set it to drawn.")
    yield Code128(_TRACE_CODE)
    yield QrCode(code or _QR)


def _density(paper: Paper) -> Iterator[Block]:
    yield Rule()
    yield Text("4 浓淡均匀，无白线；两端竖线完整\nEven, no white lines; both ends whole")
    yield Picture(density_bar(paper.dots))
    yield Feed(1)


def density_bar(dots: int) -> bytes:
    """A PNG as wide as the head: black, then every second, fourth and eighth dot, between two upright edges."""
    from PIL import Image, ImageDraw

    bar = Image.new("1", (dots, _BAR_DOTS * len(_GREYS)), 1)
    draw = ImageDraw.Draw(bar)
    for band, every in enumerate(_GREYS):
        rows = range(band * _BAR_DOTS, (band + 1) * _BAR_DOTS)
        draw.point([(x, y) for y in rows for x in range(y * every // 2 % every, dots, every)], 0)
    for left in (0, dots - _EDGE_DOTS):
        draw.rectangle((left, 0, left + _EDGE_DOTS - 1, bar.height), 0)
    out = io.BytesIO()
    bar.save(out, "PNG")
    return out.getvalue()
