"""Who may use the local API and its pages, and how they prove it (docs/local-api.md).

token.py      new at each start, for the command line and the tray
links.py      opens a page once, within a minute
sessions.py   what a browser holds afterwards
access.py     the three together, for one local server
guard.py      judges every request before the application sees it
limits.py     how often somebody may ask
wire.py       connections that say nothing, or too much
"""
