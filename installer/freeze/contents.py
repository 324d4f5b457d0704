"""What the frozen program holds beyond what PyInstaller finds by following imports, and what stays out although it is
imported somewhere."""

from collections.abc import Sequence

from agent.bundle import PACKAGES

METADATA = tuple(dict.fromkeys(("yaolink", "python-escpos", *PACKAGES)))
"""Distributions that are asked for their version or entry points at run time, also for support's bundle; APScheduler
has a hook."""

DATA = ("agent", "domain", "drivers", "erp", "biip", "escpos")
"""Packages whose other files go in too: pages and words, the lists of the law, the clips of packaged speech, GS1's
tables, printers' capabilities."""

FONT = ("pylopdf_fonts_zh_cn", "NotoSansSC-Regular.otf")
"""The wheel's serif font, 12 MB, is used nowhere."""

LOADED_BY_NAME = ("biip", "cryptography", "tomlkit")

WINDOWS_LOADED_BY_NAME = ("win32timezone", "win32ctypes.pywin32")

TRAY_BY_NAME = ("agent.tray.__main__",)
"""start_tray.py runs it by its name: no other program of ours imports the tray."""

STAYS_OUT = (
    "cloud",
    "installer",
    "tests",
    "benchmarks",
    # the hub's
    "alembic",
    "mako",
    "psycopg",
    "psycopg_binary",
    # asked for by libraries, for what the agent never does
    "faker",
    "polyfactory",
    "litestar.testing",
    "pip",
    "setuptools",
    "pkg_resources",
    "ensurepip",
    "pygments",
    "rich",
    "rich_click",
    "IPython",
    "numpy",
    "tkinter",
    "defusedxml",
    "curses",
    "readline",  # would bring a library under the GPL
    "unittest",
    "pydoc_data",
    "lib2to3",
)
TRAY_ONLY = ("pystray", "agent.tray")
"""Importing pystray opens a display: it must not even be there in the agent (facts/packaging.md §2)."""


def stays_out(*, tray: bool) -> Sequence[str]:
    return STAYS_OUT if tray else (*STAYS_OUT, *TRAY_ONLY)
