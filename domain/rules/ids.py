"""The names of the rules; those with a number are facts/compliance.md §7's. `domain.rules.book` has their words."""

from enum import StrEnum


class Rule(StrEnum):
    """Which rule spoke. The texts are kept in scans and trails: they are never changed, only added to."""

    TAKEN = "ok"

    UNREADABLE = "R2"
    OWN_CODE = "R2-own"
    """One of ours, where a pack was wanted."""
    PRODUCT_BARCODE = "R2-barcode"
    """The retail barcode of a product that is taken by its trace code."""
    MAKER_CODE = "R2-maker"
    PAYMENT = "payment"
    INSURANCE = "insurance"

    WRONG_PRODUCT = "R3-product"
    UNKNOWN_PREFIX = "R3-unknown"
    PREFIX_TAKEN = "R3-taken"
    NOT_SHOWN = "R3-shown"
    """Nothing proves yet that the prefix is this product's."""

    LEVEL = "R4-level"
    PARENT = "R4-parent"

    TWICE_HERE = "R5-order"
    BOUND_ELSEWHERE = "R5-bound"
    SOLD_BEFORE = "R5-sold"
    SOLD_IN_CHAIN = "R5-chain"
    OPENED_EMPTY = "R5-empty"

    ENOUGH = "R6-count"
    TOO_MUCH = "R6-ratio"
    """The pack holds more than the line still wants, and is not opened."""
    BY_HAND = "R6-by-hand"
    NOT_WAIVED = "R6-waiver"
    PHOTO_WANTED = "R6-photo"
    NOT_WHOLE = "R6-missing"
    SURPLUS = "R6-surplus"
    UNSETTLED = "R6-unsettled"
    UNANSWERED = "R6-asked"

    LOT_WANTED = "R7-lot"
    LOT_UNKNOWN = "R7-unknown"
    """The pack's lot is none that this store has."""
    LOT_UNSURE = "R7-unsure"
    LOT_CONFLICT = "R7-conflict"

    EXPIRED = "R8-expired"
    NEAR_EXPIRY = "R8-near"
    NEAR_EXPIRY_STOPS = "R8-near-stop"
    NEARER_LOT = "R9"

    PRESCRIPTION = "R10-prescription"
    PRESCRIPTION_REFUSED = "R10-refused"
    PRESCRIPTION_CHANGED = "R10-changed"
    PRESCRIPTION_SELF = "R10-self"
    PRESCRIPTION_LATE = "R10-late"
    PRESCRIPTION_USED = "R10-used"
    PRESCRIPTION_DUTY = "R10-duty"
    PRESCRIPTION_PATIENT = "R10-patient"
    BANNED_ONLINE = "R10-online"
    EPHEDRINE_ONLINE = "R10-ephedrine"
    RECALLED = "R10-recall"
    STOP_SALE = "R10-stop-sale"
    RECALL_LOT_WANTED = "R10-recall-lot"
    CHECK_WANTED = "R10-check"
    CHECK_SELF = "R10-check-self"
    CHECK_ROLE = "R10-check-role"
    COLD = "cold"
    COLD_BOX = "cold-box"

    LIMIT = "R11-limit"
    SPECIAL = "R11-special"

    TYPE_AGAIN = "R12"
    TYPED_DIFFERS = "R12-differs"

    TAKEN_BACK = "R13"
    NOT_SOLD_HERE = "R13-sale"
    RETURNED_BEFORE = "R13-twice"
    RETURNED = "R13-resale"
    """It came back once: it is in quarantine for good."""

    MOVE_EXPIRED = "R8-move"
    MOVE_RECALLED = "R10-move"
    MOVE_TOO_MUCH = "move-count"

    SUBSTITUTE_INSURED = "insured-substitute"
    SUBSTITUTE_POLICY = "substitute-policy"
    SUBSTITUTE_NOT_LISTED = "substitute-product"
    WAIVER_INSURED = "insured-waiver"
    SHORT_COUNT = "short-count"

    PAUSED = "paused"
    STOPPED = "stopped"
    NOT_PICKING = "not-picking"
    NOT_PACKED = "not-packed"
