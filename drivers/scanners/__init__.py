"""Barcode scanners. Begin with `base`: scan, state, and the line that bytes come from.

owner            one thread reads a line, another tells; it comes back after an unplugging
framing          from bytes to scans
serial           RS-232 and USB set to COM; `speeds` and `tuning` find a line's speed, `claim` keeps others out
hid              scanners that type, read below the input method; `keyboard` says what keys mean
attached         what hangs on this computer, and by what it is known again; `ports` lists serial ports
trouble          why one is not read
"""
