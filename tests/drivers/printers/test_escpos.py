import importlib
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.errors import Unprintable
from drivers.printers.addresses import open_printer
from drivers.printers.charset import clean, is_native
from drivers.printers.document import (
    PAPER_58,
    PAPER_80,
    Code128,
    Document,
    Feed,
    Pair,
    Paper,
    QrCode,
    Rule,
    Text,
)
from drivers.printers.escpos import encode
from drivers.virtual.printer import VirtualPrinter
from drivers.virtual.slip import VirtualSlip
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
@given(text=st.text(max_size=80), paper=st.sampled_from([PAPER_58, PAPER_80]), width=st.integers(1, 4))
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
    assert _ink_columns(left.bits, left.row_bytes) <= set(range(24))
    assert _ink_columns(right.bits, right.row_bytes) <= set(range(paper.dots - 24, paper.dots))
    assert max(_ink_columns(wide.bits, wide.row_bytes)) > 30
    assert wide.advance > left.advance


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


@pytest.mark.parametrize("data", [OWN_CODE, "https://example.com/o/" + "x" * 60, "药联", "Y" * 200])
def test_a_scanner_reads_the_qr_code(paper: Paper, data: str) -> None:
    slip = print_blocks(paper, QrCode(data))
    assert is_clean(slip)
    assert scan_picture(slip) == [("QR Code", data)]


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
