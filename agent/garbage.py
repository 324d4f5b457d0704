"""When Python looks for garbage in cycles. By itself it now and then walks over everything there is, and everything
stands still meanwhile: a tenth of a second on a store's old computer, in the middle of somebody's scan.

What the program was built of is never garbage: it is not looked at again. What comes after is, as ever.
"""

import gc


def leave_alone_what_is_built() -> None:
    """Once everything runs. A second time for what was built since."""
    gc.collect()
    gc.freeze()
