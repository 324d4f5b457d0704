"""Products of the chain's catalogue, as both sides know them."""

import msgspec


class Product(msgspec.Struct, frozen=True):
    """`barcodes` are 69-codes (EAN-13); `trace_prefixes` the first seven digits of its trace codes
    (药品标识码, facts/compliance.md §1.1)."""

    sku: str
    name: str
    spec: str
    unit: str
    maker: str = ""
    barcodes: tuple[str, ...] = ()
    trace_prefixes: tuple[str, ...] = ()
    prescription: bool = False
