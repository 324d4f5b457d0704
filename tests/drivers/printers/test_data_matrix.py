"""Held against zxing-cpp, which did not learn from us."""

import io

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from drivers.printers.data_matrix import as_png, data_matrix


def read(png: bytes) -> list[tuple[bytes, str]]:
    codes = zxingcpp.read_barcodes(Image.open(io.BytesIO(png)))
    return [(bytes(code.bytes), code.symbology_identifier) for code in codes]


@settings(deadline=None, max_examples=60)
@given(text=st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=36))
def test_any_text_is_read_back(text: str) -> None:
    assert read(as_png(data_matrix(text), 4)) == [(text.encode(), "]d1")]


def test_separators_are_fnc1_and_the_symbol_is_gs1s() -> None:
    text = "0109521234543213" + "10Lot-7b\x1d21Sn4K21x"
    assert read(as_png(data_matrix(text, gs1=True), 4)) == [(text.encode(), "]d2")]
    assert read(as_png(data_matrix("10A\x1d21B"), 4)) == [(b"10A\x1d21B", "]d1")]


@pytest.mark.parametrize("size", [10, 12, 14, 16, 18, 20, 22, 24])
def test_every_size(size: int) -> None:
    text = "A" * {10: 3, 12: 5, 14: 8, 16: 12, 18: 18, 20: 22, 22: 30, 24: 36}[size]
    modules = data_matrix(text)
    assert len(modules) == size and all(len(row) == size for row in modules)
    assert read(as_png(modules, 4)) == [(text.encode(), "]d1")]


@pytest.mark.parametrize("text", ["é", "x" * 37])
def test_what_does_not_fit_is_said_so(text: str) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        data_matrix(text)
