"""Slip printers. Begin with `base`: printer, session, job and evidence.

document         what a slip says; `layout` and `wrapping` make rows of it, `escpos` makes bytes of these,
                 with `charset`, `glyphs`, `raster`, `qr`, `code128` and `picture`; `test_slip` judges the result
conversation     one session over any `wire`, through a `line` that tells replies apart (`status`):
                 `asking` how the printer is, the `witness` of a slip, `confirming` it, `idling` between two
remains, overdue what an earlier conversation left, made harmless before the next slip
patience         how long a slip may take
capability       what a printer can do; `probe` asks all of it
drawer           the cash drawer and the buzzer
addresses        from a setting to a printer behind one of the `transports`; `same_place`
finding          which printers there are
"""
