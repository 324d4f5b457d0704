"""Recalls as commands, beside no hub and with one running."""

import pytest

from tests.cloud.shell.test_people import Yaolink, config, yaolink

__all__ = ["config", "yaolink"]


def test_recalls_as_commands(yaolink: Yaolink) -> None:
    begun = yaolink("recall", "put", "R-1", "M1", "--lot", "B1", "--lot", "B2", "--reason", "质量问题")
    assert begun.returncode == 0 and "B1, B2" in begun.stdout
    assert yaolink("recall", "put", "S-1", "M1", "--stop-sale", "--reason", "来函").returncode == 0
    listed = yaolink("recall", "list").stdout.splitlines()
    assert sorted(line.split("\t")[:4] for line in listed) == [
        ["R-1", "recall", "M1", "B1, B2"],
        ["S-1", "stop_sale", "M1", "every lot"],
    ]
    assert yaolink("recall", "affected", "R-1").stdout == "no order has it\n"
    assert yaolink("recall", "end", "S-1").returncode == 0
    assert "S-1\tstop_sale\tM1\tevery lot\tended" in yaolink("recall", "list").stdout


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (("recall", "end", "R-9"), "no recall 'R-9'"),
        (("recall", "affected", "R-9"), "no recall 'R-9'"),
        (("recall", "put", "R 1", "M1", "--reason", "x"), "recall_id"),
        (("recall", "put", "R-1", "M1", "--reason", ""), "reason"),
    ],
)
def test_what_cannot_be_done_is_said(yaolink: Yaolink, said: tuple[str, ...], why: str) -> None:
    done = yaolink(*said)
    assert done.returncode == 1 and why in done.stderr
