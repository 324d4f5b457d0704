"""The chain's ERP at headquarters: what it says of any store is taken in, our documents are handed to it (docs/erp.md).

writing.py    which fact of a store becomes which document; documents.py: where they stand; handing_back.py: of which
              stores headquarters still writes them, though they are to hand them over themselves
taking.py     what the ERP says, taken or kept aside (aside.py); feeds.py: what it means for the stock
operations.py what a store tells of its ERP
overview.py   how it all stands, with products that nobody knows (unknown_products.py); desk.py: for API and page
api.py        the ERP's own API under /erp, by tokens of its own (door.py, tokens.py); operator.py: what people do,
              under /api, and commands.py
hub_books.py  our database as the books that folder and SQL keep (the package erp), built by building.py; files.py:
              which of their files were taken
removing.py   what goes when; tables.py: where all of it stands
"""
