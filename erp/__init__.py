"""How a chain's ERP is spoken with, whoever speaks: a store's agent or headquarters (docs/erp.md).

terms.py     quantities, days, order and codes, as an ERP writes them; spoken.py: our documents as it reads them
bodies.py    what its program sends as JSON
rows.py      rows of a file or view become feeds, by mapping.py's names; feeds.py: whether what was said can be so
folder/      the watched folder; sql/: views and the hand-over table
books.py     what these need of whoever keeps the books: agent/erp/store_books.py, cloud/erp/hub_books.py
running.py   runs folder and SQL in threads of their own, as building.py made them; check.py tries them dry
"""
