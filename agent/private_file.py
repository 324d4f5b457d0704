"""Writing what only the service's own account may read."""

from pathlib import Path

from agent.system import permissions
from agent.whole_file import write_whole


def write_private(path: Path, content: bytes) -> None:
    """Whole or not at all, and readable by its owner only from its first moment. Raises OSError."""
    write_whole(path, content, permissions.create_for_owner)
