"""The chain's ERP at headquarters: what it says of any store is taken in, our documents are handed to it (docs/erp.md).

writing.py    which fact of a store becomes which document; documents.py: where they stand
taking.py     what the ERP says, taken or kept aside; feeds.py: what it means for the stock
operations.py what a store tells of its ERP
overview.py   how it all stands; desk.py: the same for API and page
api.py        the ERP's own API under /erp, by tokens of its own (tokens.py); operator.py: what people do, under /api
hub_books.py  our database as the books that folder and SQL keep (the package erp)
"""
