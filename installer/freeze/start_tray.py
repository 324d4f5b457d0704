"""Where the frozen tray begins (Windows; on Linux the tray runs on the system's own Python)."""

import runpy

runpy.run_module("agent.tray", run_name="__main__")
