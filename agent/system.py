"""Which system this is. The only place in `agent/` that asks: everybody else takes what it needs from here.

A pair is two files with the same public names, `NAME_linux.py` and `NAME_windows.py`; a test compares them.
"""

import sys

if sys.platform == "win32":
    from agent import handing_windows as handing
    from agent import ownership_windows as ownership
    from agent import permissions_windows as permissions
    from agent import places_windows as places
    from agent import ports_windows as ports
    from agent import renaming_windows as renaming
    from agent import service_manager_windows as service_manager
    from agent import signals_windows as signals
    from agent import surroundings_windows as surroundings
else:
    from agent import handing_linux as handing
    from agent import ownership_linux as ownership
    from agent import permissions_linux as permissions
    from agent import places_linux as places
    from agent import ports_linux as ports
    from agent import renaming_linux as renaming
    from agent import service_manager_linux as service_manager
    from agent import signals_linux as signals
    from agent import surroundings_linux as surroundings

__all__ = [
    "handing",
    "ownership",
    "permissions",
    "places",
    "ports",
    "renaming",
    "service_manager",
    "signals",
    "surroundings",
]
