"""The agent as a program that needs no Python on the PC: a folder made by PyInstaller (facts/packaging.md §4, §5)."""
