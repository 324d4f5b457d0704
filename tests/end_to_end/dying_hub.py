"""The hub, which dies at the worst moment: an order is committed, its answer not yet given out."""

import os
import signal
import sys
from collections.abc import Iterable

from cloud import cli
from cloud.jobs import Committed
from cloud.writer import Writer


def die_with_an_order(self: Writer, commits: Iterable[Committed]) -> None:
    commits = list(commits)
    if any(entry.action == "order.placed" for committed in commits for entry in committed.happened):
        os.kill(os.getpid(), signal.SIGKILL)
    tell(self, commits)


tell = Writer._committed
Writer._committed = die_with_an_order  # type: ignore[method-assign]  # the one way to stop exactly between the two

if __name__ == "__main__":
    sys.exit(cli.main())
