"""Who may use the local API and its pages, and how they prove it (docs/local-api.md).

token.py      new at each start, for the command line and the tray
erp_token.py  of the ERP's program, for its own paths only; outlives restarts
links.py      open a page once, within a minute
sessions.py   what a browser holds afterwards
access.py     the three together, for one local server
guard.py      judges every request before the application sees it; refusals.py says no
limits.py     how often somebody may ask
exchange.py   one request and its answer: in time, and no longer than its caller is welcome
wire.py       connections that say nothing, or too much
api.py        links and signing out, for those who are known; answers.py what it answers
"""
