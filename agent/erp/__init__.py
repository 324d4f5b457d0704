"""The chain's ERP: what it says is taken in, what this store did is handed to it (docs/erp.md, design.md §8).

documents.py   our documents and their states: written in the transaction that did the work, owed until answered
writing.py     which work becomes which document
feeds.py       what the ERP sold, counted, received: once each, by its own ids
levels.py      what a count means for the stock here (`domain.erp_stock`)
terms.py       quantities, days, order and codes, as an ERP writes them; spoken.py: our documents as it reads them
rows.py        rows of a file or view become feeds, by mapping.py's names; pieces.py takes them
api.py         the local API for a program of the ERP (its token: agent/access/erp_token.py)
files/         the watched folder; sql/: views and the hand-over table
connecting.py  runs folder and SQL in threads of their own; check.py tries them dry; standing.py says how it stands
"""
