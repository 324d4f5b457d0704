"""How the chain wants its stores to work: one record, set at headquarters, in force with the line cut.

Whatever the law leaves to the chain, or facts/compliance.md calls uncertain, is a field here.
"""

from enum import StrEnum

import msgspec


class Duty(StrEnum):
    """What has exactly one book of record (design.md §8)."""

    LOT_STOCK = "lot_stock"
    RECEIVING = "receiving"
    CODE_REPORTING = "code_reporting"
    """Telling 码上放心 and 医保 of codes: two sales of one code read as fraud."""


class Owner(StrEnum):
    ERP = "erp"
    YAOLINK = "yaolink"


class SecondCheck(StrEnum):
    """Whose picks a second person checks (复核)."""

    NEVER = "never"
    PRESCRIPTION = "prescription"
    ALWAYS = "always"


class WithoutPharmacist(StrEnum):
    """What a store may do with a prescription order while no pharmacist is on duty there."""

    REMOTE = "remote"
    """Headquarters' pharmacists approve."""
    WAIT = "wait"
    """It waits for the next one on duty; the page says when."""
    GIVE_BACK = "give_back"
    """The order is given back to the customer."""


class Waiver(StrEnum):
    """Why a pack without a readable code may go through."""

    EXEMPT = "exempt"
    """The law asks for none: 中药饮片."""
    DAMAGED = "damaged"
    NO_CODE = "no_code"
    """Made before codes were asked for (无码)."""


class ErpDelivery(StrEnum):
    """Who hands our documents to the chain's ERP. One of the two: a document must not reach it twice."""

    NONE = "none"
    STORE = "store"
    HEADQUARTERS = "headquarters"


class CodeLink(msgspec.Struct, frozen=True):
    """A web address on packs whose path or query carries the code; never fetched. `pattern` is a regular expression
    over everything after the host, with one group named `code`."""

    host: str
    pattern: str


class ChainPolicy(msgspec.Struct, frozen=True):
    owners: dict[Duty, Owner] = {}
    """The ERP, where nothing is said."""
    sign_in: bool = False
    """Nobody picks before signing in. Approvals always ask who it is."""
    idle_sign_out_minutes: int = 30
    """A station that nobody used for so long is signed out. 0: never."""
    longest_duty_hours: int = 12
    """A pharmacist who came on duty at the store and forgot to go off is off after this."""
    second_check: SecondCheck = SecondCheck.NEVER
    confirm_lots: bool | None = None
    """Whether a line needs its lot before it is packed. None: where lot stock is ours."""
    near_expiry_days: int = 180
    """From so many days on the picker is warned (临近效期)."""
    near_expiry_stops_days: int = 30
    """From so many days on a pack is refused."""
    substitution: bool = False
    waivers: tuple[Waiver, ...] = (Waiver.EXEMPT, Waiver.DAMAGED, Waiver.NO_CODE)
    waiver_photo: bool = True
    without_pharmacist: tuple[WithoutPharmacist, ...] = (WithoutPharmacist.REMOTE, WithoutPharmacist.GIVE_BACK)
    patient_verified: bool = False
    """A prescription counts only where the platform or a colleague saw who the patient is (实名)."""
    links: tuple[CodeLink, ...] = ()
    erp: ErpDelivery = ErpDelivery.NONE
    name_other_stores: bool = True
    """Whoever scans a pack that another store sold reads which."""

    def owner(self, duty: Duty) -> Owner:
        return self.owners.get(duty, Owner.ERP)

    @property
    def lots_needed(self) -> bool:
        if self.confirm_lots is not None:
            return self.confirm_lots
        return self.owner(Duty.LOT_STOCK) is Owner.YAOLINK
