"""What the store hears of its orders (`agent/announcements.py`) and of its printers: one voice at a time.

troubles.py     printers that stand still, as something to be heard
turns.py        what is said next, and what not yet; quiet_hours.py when nothing is
sentences.py    what is said, as text and as spoken words
speaker.py      a sentence made into sound, and the sound heard here
voice.py        all of it together, and who plays: the tray, this service or a page
api.py          the same over the local API
"""
