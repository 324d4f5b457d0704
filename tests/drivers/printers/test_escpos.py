import importlib
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.errors import Unprintable
from drivers.printers.addresses import open_printer
from drivers.printers.capability import Capabilities, Font
from drivers.printers.charset import clean, is_native
from drivers.printers.document import (
    PAPER_58,
    PAPER_80,
    PAPER_80_NARROW,
    Code128,
    Document,
    Feed,
    Pair,
    Paper,
    QrCode,
    Rule,
    Sample,
    Text,
)
from drivers.printers.escpos import encode
from drivers.virtual.commands import Tokenizer
from drivers.virtual.printer import VirtualPrinter
from drivers.virtual.slip import BarcodeRow, FeedRow, VirtualSlip
from tests.drivers.printers.printing import print_blocks, print_bytes, scan_picture

TRACE_CODE = "81234567890123456789"
OWN_CODE = "YO7K3M9Q2X4T8W"
SLIP = (
    Text("美团 #12", 2, 2, bold=True, align="center"),
    Rule(),
    Pair("阿莫西林胶囊 0.25g*24粒（华北制药股份有限公司）", "×2"),
    Text("金额：¥12.50 ￥3.00　体温≤37.3℃ 【OTC】———"),
    Text("蟅 蓂 蘡 薁 噁 藭 朮 莵 〇"),
    Feed(1),
)


def is_clean(slip: VirtualSlip) -> bool:
    return not (slip.wrapped or slip.split or slip.faults)


def test_what_was_written_is_what_is_printed(paper: Paper) -> None:
    slip = print_blocks(paper, *SLIP)
    assert is_clean(slip)
    assert slip.lines[0] == "美团 #12"
    assert slip.lines[1] == "-" * paper.columns
    assert slip.lines[2].startswith("阿莫西林胶囊 0.25g*24粒")
    assert slip.lines[2].endswith(" ×2")
    assert "￥12.50" in slip.text
    assert "蟅 蓂 蘡 薁 噁 藭 朮 莵 〇" in slip.text
    assert "?" not in slip.text
    assert not slip.pictures


def test_over_the_wire_the_same_comes_out(paper: Paper, printer: VirtualPrinter) -> None:
    blocks = (*SLIP, Text("䗪虫"), Code128(TRACE_CODE), QrCode(OWN_CODE))
    with open_printer(printer.address).connect() as session:
        session.status()
        session.send(encode(Document(blocks), paper))
        (slip,) = printer.wait_for_slips(1)
    assert slip.rows == print_blocks(paper, *blocks).rows
    assert scan_picture(slip) == [("Code 128", TRACE_CODE), ("QR Code", OWN_CODE)]


def test_every_character_of_the_font_is_printed_as_itself(paper: Paper) -> None:
    pairs = (bytes((lead, trail)) for lead in range(0x81, 0xFF) for trail in range(0x40, 0xFF) if trail != 0x7F)
    font = clean("".join(pair.decode("gbk", "ignore") for pair in pairs))
    assert len(font) > 21_000
    slip = print_blocks(paper, Text(font))
    assert is_clean(slip)
    assert "".join(slip.text.split()) == "".join(font.split())


@settings(deadline=None)
@given(text=st.text(max_size=80), paper=st.sampled_from([PAPER_58, PAPER_80, PAPER_80_NARROW]), width=st.integers(1, 4))
def test_any_text_fits_and_never_becomes_a_question_mark(text: str, paper: Paper, width: int) -> None:
    slip = print_blocks(paper, Text(text, width))
    assert is_clean(slip)
    assert slip.text.count("?") <= text.count("?") + text.count("\u037e")
    if is_native(clean(text)):
        assert "".join(slip.text.split()) == "".join(clean(text).split())


def test_a_line_the_font_lacks_is_drawn_and_only_that_line(paper: Paper) -> None:
    slip = print_blocks(paper, Text("当归 10g"), Text("䗪虫 6g"), Text("川芎 10g"))
    assert is_clean(slip)
    assert slip.lines == ["当归 10g", "川芎 10g"]
    (picture,) = slip.pictures
    assert picture.row_bytes * 8 == paper.dots
    assert any(picture.bits)


def test_different_rare_characters_look_different(paper: Paper) -> None:
    drawn = {print_blocks(paper, Text(char)).pictures[0].bits for char in "䗪㕮𬟁²³ñ"}
    assert len(drawn) >= 5  # a font without them would draw the same box for all


def test_a_drawn_line_stands_where_the_printed_one_would(paper: Paper) -> None:
    left, right, wide = (
        print_blocks(paper, Text("䗪", align="left")).pictures[0],
        print_blocks(paper, Text("䗪", align="right")).pictures[0],
        print_blocks(paper, Text("䗪", 2, 2)).pictures[0],
    )
    height = sum(picture.advance for picture in print_blocks(paper, Text("䗪", 2, 2)).pictures)
    assert _ink_columns(left.bits, left.row_bytes) <= set(range(24))
    assert _ink_columns(right.bits, right.row_bytes) <= set(range(paper.dots - 24, paper.dots))
    assert max(_ink_columns(wide.bits, wide.row_bytes)) > 30
    assert height > left.advance


GB2312_ONLY = Capabilities(font=Font.GB2312)


def test_a_font_of_gb2312_gets_no_character_beyond_it(paper: Paper) -> None:
    """Its two bytes are looked at: both lie between A1 and FE, the first below F8 (GB/T 2312)."""
    slip = print_blocks(paper, *SLIP, Rule("═"), capabilities=GB2312_ONLY)
    assert is_clean(slip)
    pairs = [char.encode("gbk") for line in slip.lines for char in line if char > "~"]
    assert all(0xA1 <= lead <= 0xF7 and trail >= 0xA1 for lead, trail in pairs)
    assert "蟅" not in slip.text
    assert len(slip.pictures) >= 2
    assert any("金额：￥12.50" in line and "·" not in line for line in slip.lines)


def test_every_character_of_gb2312_is_printed_as_itself() -> None:
    pairs = (bytes((lead, trail)) for lead in range(0xA1, 0xF8) for trail in range(0xA1, 0xFF))
    font = "".join(pair.decode("gbk") for pair in pairs if _in_gb2312(pair) and not pair.decode("gbk").isspace())
    slip = print_blocks(PAPER_80, Text(font), capabilities=GB2312_ONLY)
    assert len(font) == 7444
    assert "".join(slip.text.split()) == font


def _in_gb2312(pair: bytes) -> bool:
    """Rows 1 to 9 hold signs, 16 to 87 Hanzi, the last five places of row 55 nothing."""
    try:
        return bool(pair.decode("gb2312"))
    except UnicodeDecodeError:
        return False


def test_what_nobody_can_print_is_a_box_and_counted(paper: Paper, caplog: pytest.LogCaptureFixture) -> None:
    job = encode(Document((Text("谢谢😀😀"), Text("䗪≒"))), paper)
    assert job.boxes == 3
    assert print_bytes(paper, job.data).lines == ["谢谢□□"]
    assert "3 characters" in caplog.text
    assert "谢" not in caplog.text


def test_a_slip_that_lacks_nothing_says_nothing(paper: Paper, caplog: pytest.LogCaptureFixture) -> None:
    assert encode(Document((*SLIP, Text("□ 䗪"))), paper).boxes == 0
    assert not caplog.text


@pytest.mark.parametrize("text", ["阿莫西林", "蟅蓂藭", "￥12.50 ㎎ ┌─┐"])
def test_a_sample_is_printed_as_told(paper: Paper, text: str) -> None:
    native, drawn = Sample(text), Sample(text, drawn=True)
    slip = print_blocks(paper, native, drawn, capabilities=GB2312_ONLY)
    assert slip.lines == [text]
    assert len(slip.pictures) == 1


@settings(deadline=None, max_examples=300)
@given(
    text=st.text(st.sampled_from("\x10\x04\x05\x14\x1b\x1c\x1d\x00\x01@&\u0410䗪药a\n\u202e\u0301") | st.characters()),
    font=st.sampled_from(Font),
)
def test_nothing_a_buyer_writes_becomes_a_command(text: str, font: Font) -> None:
    """The same commands in the same order whatever stands in the text; only text, lines and pictures come between."""
    data = encode(Document((Text(text),)), PAPER_58, Capabilities(font=font)).data
    assert not re.search(rb"\x10[\x04\x05\x14]", data)
    names = [command.name for command in Tokenizer().feed(data)]
    known = {"ESC @", "FS &", "ESC 3", "ESC a", "ESC E", "GS !", "TEXT", "LF", "GS v", "ESC d", "GS V", "GS r"}
    assert set(names) <= known
    assert names.count("GS V") == 1


def _ink_columns(bits: bytes, row_bytes: int) -> set[int]:
    return {i % row_bytes * 8 + bit for i, byte in enumerate(bits) for bit in range(8) if byte & 0x80 >> bit}


@pytest.mark.parametrize(
    "code", [TRACE_CODE, OWN_CODE, "81000000000000000000", "81160416051620999999", "A1", "12345", "{}{{ ~x", "0"]
)
def test_a_scanner_reads_the_barcode(paper: Paper, code: str) -> None:
    slip = print_blocks(paper, Code128(code))
    assert is_clean(slip)
    assert slip.codes == [code]
    assert scan_picture(slip) == [("Code 128", code)]


def test_a_barcode_too_wide_comes_out_as_qr() -> None:
    code = "A-LONG-CODE-OF-FORTY-CHARACTERS-IN-ALL-0"
    assert scan_picture(print_blocks(PAPER_58, Code128(code))) == [("QR Code", code)]


@pytest.mark.parametrize("native", [True, False], ids=["native", "drawn"])
@pytest.mark.parametrize("data", [OWN_CODE, "https://example.com/o/" + "x" * 60, "药联", "Y" * 200, "Z" * 660])
def test_a_scanner_reads_the_qr_code(paper: Paper, data: str, native: bool) -> None:
    slip = print_blocks(paper, QrCode(data), capabilities=Capabilities(native_qr=native))
    assert is_clean(slip)
    assert bool(slip.pictures) is not native
    assert scan_picture(slip) == [("QR Code", data)]


@pytest.mark.parametrize("native", [True, False], ids=["native", "drawn"])
def test_codes_keep_their_quiet_zones_between_black_lines(paper: Paper, native: bool) -> None:
    black = Text("█" * (paper.columns // 2))
    slip = print_blocks(
        paper, black, QrCode(OWN_CODE), black, Code128(TRACE_CODE), black, capabilities=Capabilities(native_qr=native)
    )
    assert scan_picture(slip) == [("QR Code", OWN_CODE), ("Code 128", TRACE_CODE)]
    quiet = [row.advance for row in slip.rows if isinstance(row, FeedRow)][:2]
    assert quiet == [4 * 8, 4 * 8]


def test_a_trace_code_fits_58_mm_in_code_set_c() -> None:
    slip = print_blocks(PAPER_58, Code128(TRACE_CODE))
    (bars,) = [row for row in slip.rows if isinstance(row, BarcodeRow)]
    assert bars.module_dots == 2
    assert len(bars.modules) * bars.module_dots == 290


@pytest.mark.parametrize("block", [QrCode(""), QrCode("x" * 3000), QrCode("a\x1b@"), Code128(""), Code128("a\x00")])
def test_a_code_that_cannot_be_is_refused(paper: Paper, block: QrCode | Code128) -> None:
    with pytest.raises(Unprintable) as refused:
        encode(Document((block,)), paper)
    assert refused.value.hint
    assert not refused.value.retryable


def test_no_setting_of_ours_stays_behind(paper: Paper) -> None:
    """After our slip a program that trusts the power-on state prints as ever."""
    job = encode(Document((Text("大", 3, 3, bold=True, align="right"),)), paper)
    theirs = "合计 1".encode("gbk") + b"\n\x1dV\x00"
    slip = print_bytes(paper, job.data.replace(b"\x1dV\x42\x00", b"") + theirs)
    row = slip.rows[-1]
    alone = print_bytes(paper, theirs).rows[-1]
    assert row == alone


def test_the_job_begins_clean_and_leaves_the_printer_clean(paper: Paper) -> None:
    data = encode(Document(()), paper).data
    assert data.startswith(b"\x1b@\x1c&")
    assert data.endswith(b"\x1dVB\x00\x1b@\x1c&")


def test_height_is_that_of_the_paper(paper: Paper) -> None:
    job = encode(Document((*SLIP, Code128(OWN_CODE), QrCode(OWN_CODE), Text("䗪", 2, 2))), paper)
    slip = print_bytes(paper, job.data)
    assert slip.height_mm <= job.height_mm <= slip.height_mm + 25


def test_no_picture_holds_a_real_time_command() -> None:
    jobs = [encode(Document((Text(chr(0x3400 + i) * 16),)), PAPER_58).data for i in range(0, 600, 3)]
    assert not [job for job in jobs if re.search(rb"\x10[\x04\x05\x14]", job)]


@pytest.mark.parametrize("code", ["81160416051620999999", "1604", "811604", "81160"])
def test_no_barcode_holds_a_real_time_command(code: str) -> None:
    """Digits 1604 packed by code set C would be DLE EOT."""
    data = encode(Document((Code128(code),)), PAPER_58).data
    assert not re.search(rb"\x10[\x04\x05\x14]", data)
    assert print_bytes(PAPER_58, data).codes == [code]


def test_same_barcode_as_python_escpos(paper: Paper) -> None:
    """Where python-escpos is sound (set B, chosen width), both must give the same bars."""
    dummy = importlib.import_module("escpos.printer").Dummy()
    dummy.barcode("{BAB-12", "CODE128", height=80, width=2, pos="BELOW", function_type="B", check=False)
    theirs = print_bytes(paper, dummy.output + b"\x1dV\x00")
    ours = print_blocks(paper, Code128("AB-12"))
    assert theirs.codes == ours.codes == ["AB-12"]


def test_same_qr_as_python_escpos(paper: Paper) -> None:
    dummy = importlib.import_module("escpos.printer").Dummy()
    dummy.qr(OWN_CODE, ec=1, size=8, native=True)
    assert scan_picture(print_bytes(paper, dummy.output + b"\x1dV\x00")) == scan_picture(
        print_blocks(paper, QrCode(OWN_CODE))
    )
