"""The chain's ERP: what it says is taken in, what this store did is handed to it (docs/erp.md, design.md §8).

documents.py   our documents and their states: written in the transaction that did the work, owed until answered
writing.py     which work becomes which document
feeds.py       what the ERP sold, counted, received: once each, by its own ids
levels.py      what a count means for the stock here (`domain.erp_stock`)
api.py         the local API for a program of the ERP (its token: agent/access/erp_token.py)
building.py    the connectors that agent.toml names: the watched folder and the database, built and run by `erp/`
store_books.py the work file as the books that they keep (`erp.books`); files_taken.py: which of their files were taken
standing.py    how it stands; answers.py: what a command is told of it
"""
