"""Lists of codes as commands, beside no hub and with one running."""

from pathlib import Path

from tests.cloud.shell.test_people import Yaolink, config, yaolink

__all__ = ["config", "yaolink"]

A, B = "81234560000000000001", "81234560000000000002"


def test_a_list_is_loaded_counted_and_taken_off(yaolink: Yaolink, tmp_path: Path) -> None:
    file = tmp_path / "codes.csv"
    file.write_text(f"追溯码,品名\n{A},阿莫西林\n{B},阿莫西林\n", encoding="utf-8-sig")
    first = yaolink("codes", "load", "--list", "recalled", str(file), "--why", "公告 17")
    assert first.stdout == "2 of 2 codes are new on the list recalled\n", first.stderr
    assert yaolink("codes", "load", "--list", "recalled", str(file)).stdout.startswith("0 of 2")
    assert yaolink("codes", "count").stdout == "sold\t0\nrecalled\t2\nbanned\t0\n"
    file.write_text(f"{A}\n", encoding="utf-8")
    assert yaolink("codes", "unload", "--list", "recalled", str(file)).stdout.startswith("1 of 1")
    assert "recalled\t1" in yaolink("codes", "count").stdout
    file.write_text("no code\n", encoding="utf-8")
    refused = yaolink("codes", "load", "--list", "banned", str(file))
    assert refused.returncode == 1 and "line 1" in refused.stderr
