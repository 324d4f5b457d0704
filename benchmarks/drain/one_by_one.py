"""The agent, sending one operation a request: what draining costs without batches."""

import sys
from collections.abc import Sequence
from unittest.mock import patch

from agent import cli
from agent.file_logs import FileOutbox
from domain.operations import Operation

pending = FileOutbox.pending


async def one(self: FileOutbox, limit: int) -> Sequence[Operation]:
    return await pending(self, 1)


if __name__ == "__main__":
    with patch.object(FileOutbox, "pending", one):
        sys.exit(cli.main())
