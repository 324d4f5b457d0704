"""What is laid out for nfpm, without freezing anything."""

import stat
import subprocess
import sys
from pathlib import Path

from installer import reproducible
from installer.linux.package import glibc_needed, lay_out, lay_out_tray


def frozen(folder: Path) -> Path:
    (folder / "_internal").mkdir(parents=True)
    (folder / "_internal" / "libx.so.1").write_bytes(b"GLIBC_2.17\0GLIBC_2.36\0GLIBC_2.4\0")
    (folder / "yaolink-agent").write_bytes(b"GLIBC_2.9\0")
    (folder / "yaolink-agent").chmod(0o755)
    return folder


def test_rights_and_times_are_the_same_in_every_build(tmp_path: Path) -> None:
    (tmp_path / "papers").mkdir()
    stage = tmp_path / "stage"
    lay_out(frozen(tmp_path / "frozen"), tmp_path / "papers", stage)
    found = {path.relative_to(stage).as_posix(): path.stat() for path in stage.rglob("*")}
    assert {status.st_mtime for status in found.values()} == {reproducible.epoch()}
    modes = {name: stat.S_IMODE(status.st_mode) for name, status in found.items()}
    assert modes["frozen/yaolink-agent"] == 0o755
    assert modes["frozen/_internal/libx.so.1"] == 0o644
    assert modes["frozen/_internal"] == 0o755
    assert "agent.toml" in modes and "linux/nfpm.yaml" in modes and "linux/package.py" not in modes


def test_the_tray_needs_nothing_else_of_ours(tmp_path: Path) -> None:
    """Imported with the standard library and Pillow alone, as on a PC where only the package is."""
    lay_out_tray(tmp_path)
    program = "import agent.tray.__main__, sys; print([m for m in sys.modules if m.startswith(('agent.', 'msgspec'))])"
    said = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "agent.tray.app" in said.stdout
    assert "msgspec" not in said.stdout
    assert not list(tmp_path.rglob("*_windows.py"))


def test_the_newest_glibc_asked_for_is_found(tmp_path: Path) -> None:
    assert glibc_needed(frozen(tmp_path / "frozen")) == "2.36"
