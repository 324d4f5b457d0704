"""Which system this is: the only place in the tray that asks (as `agent/system.py` is for the service)."""

import sys

if sys.platform == "win32":
    from agent.tray import handed_windows as handed
    from agent.tray import journal_windows as journal
    from agent.tray import player_windows as player
    from agent.tray import sole_windows as sole
else:
    from agent.tray import handed_linux as handed
    from agent.tray import journal_linux as journal
    from agent.tray import player_linux as player
    from agent.tray import sole_linux as sole

__all__ = ["handed", "journal", "player", "sole"]
