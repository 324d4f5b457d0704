"""How the chain's own programs are known to the hub."""

import msgspec


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`label` is what people in the store call it."""

    api_key: str
    label: str = "小程序"

    def __repr__(self) -> str:
        return f"Settings(label={self.label!r}, api_key=…)"
