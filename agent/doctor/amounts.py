"""Sizes as people read them."""


def size(bytes_: int) -> str:
    for unit, factor in (("GB", 1 << 30), ("MB", 1 << 20)):
        if bytes_ >= factor:
            return f"{bytes_ / factor:.1f} {unit}"
    return f"{bytes_ >> 10} KB"
