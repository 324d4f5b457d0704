import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.printers.charset import cells, char_cells, clean
from drivers.printers.document import (
    PAPER_58,
    PAPER_80,
    PAPER_80_NARROW,
    Block,
    Document,
    Feed,
    Pair,
    Paper,
    QrCode,
    Rule,
    Sample,
    Text,
)
from drivers.printers.document import paper as paper_of
from drivers.printers.layout import Line, lay_out, lost
from drivers.printers.wrapping import wrap

DRUGSTORE = "阿莫西林胶囊䗪虫㕮咀（）【】，。、×·℃μ￥¥é²0123456789.%*/-gml片粒盒 abcXYZ\n\t"
texts = st.text(st.sampled_from(DRUGSTORE), max_size=120) | st.text(max_size=60)
papers = st.sampled_from([PAPER_58, PAPER_80, PAPER_80_NARROW])
sizes = st.integers(1, 8)


def lines(paper: Paper, *blocks: Block) -> list[str]:
    return [row.text for row in lay_out(Document(blocks), paper) if isinstance(row, Line)]


def ink(text: str) -> str:
    return "".join(clean(text).split())


@settings(deadline=None)
@given(text=texts, paper=papers, width=sizes, height=sizes)
def test_no_line_is_wider_than_the_paper_and_no_text_is_lost(text: str, paper: Paper, width: int, height: int) -> None:
    rows = lay_out(Document((Text(text, width, height),)), paper)
    printed = [row for row in rows if isinstance(row, Line)]
    assert all(cells(row.text) * row.width <= paper.columns for row in printed)
    assert ink("".join(row.text for row in printed)) == ink(text)


@settings(deadline=None)
@given(left=texts, right=st.text(st.sampled_from(DRUGSTORE), max_size=40), paper=papers, width=sizes)
def test_a_pair_fits_and_keeps_both_texts(left: str, right: str, paper: Paper, width: int) -> None:
    printed = [row for row in lay_out(Document((Pair(left, right, width),)), paper) if isinstance(row, Line)]
    assert all(cells(row.text) * row.width <= paper.columns for row in printed)
    assert sorted(ink("".join(row.text for row in printed))) == sorted(ink(left + right))


@settings(deadline=None)
@given(text=texts, width=st.integers(2, 48))
def test_lines_are_filled(text: str, width: int) -> None:
    """A line broken early could have taken no single further character only because of what must stay together."""
    for paragraph in clean(text).split("\n"):
        wrapped = wrap(paragraph, width)
        assert len(wrapped) <= max(1, cells(paragraph))


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        ("阿莫西林胶囊", 8, ["阿莫西林", "胶囊"]),
        ("金额￥12.50元整", 10, ["金额", "￥12.50元", "整"]),
        ("规格0.25g*24粒装", 11, ["规格", "0.25g*24粒", "装"]),
        ("每次500毫克服", 8, ["每次", "500毫克", "服"]),
        ("请放门口，谢谢", 8, ["请放门", "口，谢谢"]),
        ("药品（处方）", 6, ["药品", "（处", "方）"]),
        ("ABCDEFGHIJ", 4, ["ABCD", "EFGH", "IJ"]),
        ("批号SN12AB", 8, ["批号", "SN12AB"]),
        ("one two three", 7, ["one two", "three"]),
        ("  缩进", 8, ["  缩进"]),
        ("一\n\n二", 8, ["一", "", "二"]),
        ("", 8, [""]),
        ("奇数列abc宽", 9, ["奇数列abc", "宽"]),
    ],
)
def test_breaks_where_a_reader_expects(text: str, width: int, expected: list[str]) -> None:
    assert wrap(text, width) == expected


def test_right_text_stands_at_the_right_edge_of_the_first_line(paper: Paper) -> None:
    first, *rest = lines(paper, Pair("复方丹参滴丸27mg*180丸天士力医药集团股份有限公司天津生产基地", "×12"))
    assert first.endswith(" ×12")
    assert cells(first) == paper.columns
    assert rest
    assert not any("×" in line for line in rest)


def test_right_text_too_wide_for_a_column_gets_its_own_line() -> None:
    rows = lay_out(Document((Pair("地址", "广东省深圳市南山区科技园中区某路"),)), PAPER_58)
    assert [(row.text, row.align) for row in rows if isinstance(row, Line)] == [
        ("地址", "left"),
        ("广东省深圳市南山区科技园中区某路", "right"),
    ]


@pytest.mark.parametrize("char", ["-", "—", "═", "*", "", "\n", "\x1b"])
def test_a_rule_spans_the_paper(paper: Paper, char: str) -> None:
    (line,) = lines(paper, Rule(char))
    assert cells(line) == paper.columns


def test_blocks_without_text_pass_through(paper: Paper) -> None:
    assert lay_out(Document((Feed(2), QrCode("x"))), paper) == [Feed(2), QrCode("x")]


def test_a_sample_is_one_line_however_long_and_drawn_as_told(paper: Paper) -> None:
    assert lay_out(Document((Sample("x" * 90), Sample("䗪\n虫", drawn=True))), paper) == [
        Line("x" * 90, drawn=False),
        Line("䗪 虫", drawn=True),
    ]


def test_what_nobody_can_print_is_counted_in_every_text() -> None:
    blocks = (Text("😀"), Pair("ب", "אב"), Sample("😀 好"), Rule("😀"), QrCode("😀"))
    assert lost(Document(blocks)) == 5


@pytest.mark.parametrize(
    ("mm", "columns", "dots"), [(58, None, 384), (58, 32, 384), (80, None, 576), (80, 48, 576), (80, 42, 504)]
)
def test_a_roll_has_so_many_dots(mm: int, columns: int | None, dots: int) -> None:
    assert paper_of(mm, columns).dots == dots
    assert paper_of(mm, columns).columns == dots // 12


@pytest.mark.parametrize(("mm", "columns"), [(58, 48), (58, 42), (80, 32), (57, None)])
def test_no_roll_is_like_that(mm: int, columns: int | None) -> None:
    with pytest.raises(ValueError, match=f"{mm} mm"):
        paper_of(mm, columns)


def test_no_command_gets_through_a_remark() -> None:
    assert clean("a\x1b@b\x1dV\x00c\x10\x04\x01d\u200b\ufeff\u202e") == "a@b Vcd"


@pytest.mark.parametrize(
    ("char", "expected"),
    [("a", 1), ("药", 2), ("￥", 2), ("℃", 2), ("×", 2), ("·", 2), ("䗪", 2), ("²", 1), ("ê", 2), ("ñ", 1), ("€", 1)],
)
def test_cells_are_those_of_the_printer(char: str, expected: int) -> None:
    assert char_cells(char) == expected
