"""Whether a product falls under a listing: by what the chain said, by its form, by its generic name."""

import re
import unicodedata
from collections.abc import Iterable
from enum import IntEnum

from domain.products import Product
from domain.rules.lists.reading import Listing

_EXTERNAL = ("软膏", "乳膏", "凝胶", "外用", "滴眼", "眼膏", "滴耳", "搽剂", "洗剂", "贴膏", "喷雾", "栓")
_FORMS = (
    *("片", "胶囊", "颗粒", "口服溶液", "口服液", "混悬液", "干混悬剂", "口服混悬液", "糖浆", "滴丸", "丸", "散"),
    *("分散片", "缓释", "控释", "肠溶", "咀嚼", "泡腾", "软", "滴剂", "溶液", "吸入", "气雾剂", "栓", "凝胶", "乳膏"),
    *("软膏", "贴片", "注射液", "注射用", "粉雾剂", "喷雾剂", "口崩", "薄膜衣", "包衣", "口服", "剂", "小儿"),
)
_SALTS = (
    *("盐酸", "硫酸", "磷酸", "硝酸", "氢溴酸", "枸橼酸", "酒石酸", "马来酸", "富马酸", "醋酸", "琥珀酸", "甲磺酸"),
    *("苯磺酸", "二盐酸", "钠", "钾", "钙", "镁"),
)
_FILLERS = sorted((*_FORMS, *_SALTS), key=len, reverse=True)
_NOTES = re.compile(r"\([^)]*\)|[\s·ⅠⅡⅢIV]+")


class Match(IntEnum):
    NO = 0
    DOUBT = 1
    """The name holds a listed drug and something else: a person must say which it is."""
    SURE = 2


def found(product: Product, listing: Listing, among: Iterable[Listing] = ()) -> Match:
    """`among` are all listings in force, where one stands for another."""
    if f"-{listing.id}" in product.controls:
        return Match.NO
    if listing.id in product.controls:
        return Match.SURE
    for other in among:
        if other.id == listing.same_as:
            return found(product, other)
    name = unicodedata.normalize("NFKC", product.generic or product.name)
    if any(each in name for each in listing.excepts):
        return Match.NO
    if any(each in name for each in listing.contains):
        return Match.SURE
    if any(each in name or each in product.form for each in listing.forms):
        return Match.SURE
    return max((_named(each, name, product.form, listing) for each in listing.names), default=Match.NO)


def _named(drug: str, name: str, form: str, listing: Listing) -> Match:
    """A list that says 单方制剂 means the drug alone: besides it the name may hold its salt and its form only."""
    if drug not in name:
        return Match.NO
    if not listing.external and any(each in name or each in form for each in _EXTERNAL):
        return Match.NO
    rest = _NOTES.sub("", name.replace(drug, "", 1))
    if rest.startswith("复方"):
        return Match.NO
    for filler in _FILLERS:
        rest = rest.replace(filler, "")
    return Match.DOUBT if rest else Match.SURE
