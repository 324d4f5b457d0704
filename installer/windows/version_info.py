"""What Windows shows of a program under Properties, Details."""

import re

_FILE = """\
VSVersionInfo(
  ffi=FixedFileInfo(filevers={numbers}, prodvers={numbers}, mask=0x3F, flags=0x0, OS=0x40004, fileType=0x1),
  kids=[
    StringFileInfo([StringTable("040904B0", [
      StringStruct("CompanyName", "The Yaolink maintainers"),
      StringStruct("FileDescription", {description!r}),
      StringStruct("FileVersion", {version!r}),
      StringStruct("LegalCopyright", "The Yaolink maintainers, Apache-2.0"),
      StringStruct("OriginalFilename", "{name}.exe"),
      StringStruct("ProductName", "Yaolink"),
      StringStruct("ProductVersion", {version!r}),
    ])]),
    VarFileInfo([VarStruct("Translation", [0x0409, 1200])]),
  ],
)
"""


def numbers(version: str) -> tuple[int, int, int, int]:
    """Windows compares four numbers; of "1.2.0rc1" it gets 1, 2, 0, 0."""
    release = re.match(r"\d+(\.\d+)*", version)
    parts = [int(part) for part in release[0].split(".")] if release else []
    first, second, third, fourth = (parts + [0] * 4)[:4]
    return first, second, third, fourth


def as_pyinstaller_reads_it(name: str, description: str, version: str) -> str:
    return _FILE.format(numbers=numbers(version), description=description, version=version, name=name)
