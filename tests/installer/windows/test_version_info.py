import pytest

from installer.windows.version_info import as_pyinstaller_reads_it, numbers


@pytest.mark.parametrize(
    ("version", "expected"),
    [("0.1.0", (0, 1, 0, 0)), ("2.10", (2, 10, 0, 0)), ("1.2.3.4.5", (1, 2, 3, 4)), ("1.2.0rc1", (1, 2, 0, 0))],
)
def test_windows_gets_four_numbers(version: str, expected: tuple[int, ...]) -> None:
    assert numbers(version) == expected


def test_the_text_is_what_pyinstaller_evaluates() -> None:
    text = as_pyinstaller_reads_it("yaolink-agent", "Yaolink agent", "0.1.0")
    compile(text.strip(), "version", "eval")
    assert '"OriginalFilename", "yaolink-agent.exe"' in text
    assert "filevers=(0, 1, 0, 0)" in text
