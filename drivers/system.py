"""Which system this is. The only place in `drivers/` that asks: everybody else takes what it needs from here."""

import sys

if sys.platform == "win32":
    from drivers.sound import player_windows as player
    from drivers.speech import voices_windows as voices
else:
    from drivers.sound import player_linux as player
    from drivers.speech import voices_linux as voices

__all__ = ["player", "voices"]
