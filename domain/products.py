"""Products of the chain's catalogue, as both sides know them."""

from enum import StrEnum

import msgspec

from domain.quantity import ONE, Quantity


class CodePolicy(StrEnum):
    """By what a pack of this product is taken."""

    TRACE = "trace"
    BARCODE = "barcode"
    NONE = "none"
    """It has none: 中药饮片, services; taken by hand with the reason `domain.policy.Waiver.EXEMPT`."""


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
    generic: str = ""
    """通用名; the lists of what may not be sold online name products by it. Empty: `name` is it."""
    form: str = ""
    """剂型."""
    approval: str = ""
    """批准文号."""
    code_policy: CodePolicy | None = None
    """None: trace where a trace prefix is known, else barcode."""
    maker_prefixes: tuple[str, ...] = ()
    """How the maker's own codes of this product begin, where it has some that follow no standard."""
    per_code: Quantity = ONE
    """How much one smallest pack's code stands for: 2000 where one code holds two sales units, 500 where a unit has
    two codes."""
    opens: bool = False
    """May be sold opened (拆零): the same code again and again until the pack is empty."""
    cold: bool = False
    """2-8 °C."""
    controls: tuple[str, ...] = ()
    """Ids of `domain.rules` lists that the chain put it on by hand."""
    near_expiry_days: int | None = None
    """Its own warning time; None: the chain's."""
    substitutes: tuple[str, ...] = ()
    """Products that may be given instead, best first."""
    bundle_prefixes: tuple[str, ...] = ()
    case_prefixes: tuple[str, ...] = ()
    """The first seven digits of trace codes that stand for a bundle or a case of it (中码, 大码)."""

    @property
    def policy(self) -> CodePolicy:
        if self.code_policy is not None:
            return self.code_policy
        return CodePolicy.TRACE if self.trace_prefixes or self.maker_prefixes else CodePolicy.BARCODE
