"""kill -9 while goods come in: each receipt is there with stock, lots and its word to headquarters, or not at all."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from agent.files import WorkFile
from tests.agent.core.conftest import MASTER_KEY

ROUNDS = 3


def test_a_receipt_is_whole_or_not_at_all(tmp_path: Path) -> None:
    for wait in range(ROUNDS):
        child = subprocess.Popen(
            [sys.executable, "-m", "tests.agent.goods.receiving_on", str(tmp_path)], stdout=subprocess.PIPE
        )
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(0.15 + 0.037 * wait)
        os.kill(child.pid, signal.SIGKILL)
        child.communicate()
        with WorkFile(tmp_path / "work.db", master_key=MASTER_KEY) as work:
            counts = work.read(
                lambda reading: [
                    reading.db.execute(question).fetchone()[0] or 0
                    for question in (
                        "SELECT count(*) FROM receipts WHERE committed_at IS NOT NULL",
                        "SELECT count(*) FROM outbox WHERE kind = 'goods.received'",
                        "SELECT sum(on_hand) / 1000 FROM stock",
                        "SELECT sum(quantity) / 1000 FROM lots",
                        "SELECT count(*) FROM code_lots",
                    )
                ]
            )
        assert counts[0] > 0
        assert counts == [counts[0]] * len(counts)
