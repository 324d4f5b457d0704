"""One file per check; `agent/doctor/examination.py` lists them. A check is a plain function of a `Case` that may block
for seconds and runs in a thread of its own."""
