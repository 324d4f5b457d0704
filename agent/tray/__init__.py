"""The tray: a program of its own in the user's session that only talks to the local API (design.md §6).

It runs on the system's Python with pystray and Pillow and nothing else, so no module here imports another part of the
agent; and nothing of the agent imports this, because `import pystray` opens the display (facts/packaging.md §2).
"""
