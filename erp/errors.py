"""What can go wrong on the way to an ERP.

    ErpError
    ├── BadMapping      the mapping or the settings cannot be used; the message names the key
    ├── FolderGone      the watched folder cannot be used now
    ├── DatabaseGone    its database cannot be asked now, or does not have what the mapping names
    └── BooksUnusable   our own books would not take or give something now

All but the first are tried again for ever. What cannot be read in a feed is `erp.terms.BadValue`.
"""


class ErpError(Exception):
    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class BadMapping(ErpError):
    pass


class FolderGone(ErpError):
    pass


class DatabaseGone(ErpError):
    pass


class BooksUnusable(ErpError):
    pass
