"""Which product it is, and whether it may be sold this way (R3, R4, R10, R11)."""

from domain.rules.entry import Entry
from domain.rules.ids import Rule

ENTRIES = (
    Entry(
        Rule.WRONG_PRODUCT,
        "a product that the order does not want",
        "不是本订单的商品，请放回并核对货位",
        "Not a product of this order: put it back and look at the shelf again",
        "R3",
    ),
    Entry(
        Rule.UNKNOWN_PREFIX,
        "nobody taught us the prefix",
        "{what}未建档，请核对商品，再扫描盒上的商品条码确认",
        "Code unknown here: check the product, then scan its barcode to confirm",
        "R3",
    ),
    Entry(
        Rule.UNKNOWN_BARCODE,
        "nobody taught us this barcode",
        "商品条码未建档，请核对商品并报告总部",
        "Barcode unknown here: check the product, tell headquarters",
        "R3",
        "Product.barcodes",
    ),
    Entry(
        Rule.PREFIX_TAKEN,
        "learning a prefix that is another product's",
        "该追溯码前缀属于 {other}，不能改为 {name}，请报告总部",
        "This prefix belongs to another product: tell headquarters",
        "R3",
    ),
    Entry(
        Rule.NOT_SHOWN,
        "learning a prefix without proof",
        "请扫描 {name} 盒上的商品条码，或请另一位同事确认",
        "Scan the barcode on the same pack, or have a second person confirm",
        "R3",
    ),
    Entry(
        Rule.LEVEL,
        "the code of a bundle or case",
        "这是整件或中包装的码，请扫描小盒上的追溯码",
        "This is the code of a case or bundle: scan the code on the smallest pack",
        "R4",
    ),
    Entry(
        Rule.PARENT,
        "a pack and the case around it in one order",
        "这盒所在的整件已在本单，请换一盒",
        "The case around this pack is in this order already: take another",
        "R4",
    ),
    Entry(
        Rule.MAYBE_BANNED,
        "warning: its name holds a listed drug and something else",
        "{name} 可能属于网络禁售（{list}），请核对成分",
        "{name} may be banned online: check what is in it",
        "R10; 药品网络销售禁止清单（第一版）, NMPA 2022 No.111 (单方制剂)",
        "Product.controls",
    ),
    Entry(
        Rule.BANNED_ONLINE,
        "a product that may not be sold online",
        "{name} 属于网络禁售（{list}），不得网络销售，请退单",
        "{name} may not be sold online: give the order back",
        "R10; 药品网络销售禁止清单（第一版）, NMPA 2022 No.111; 药品管理法 §61",
        "Product.controls; domain/rules/lists",
    ),
    Entry(
        Rule.EPHEDRINE_ONLINE,
        "a compound with ephedrine, sold online",
        "含麻黄碱类复方制剂不得网络销售，请退单",
        "Compounds with ephedrine may not be sold online: give the order back",
        "R11; 药品网络销售禁止清单（第一版）, NMPA 2022 No.111",
        "Product.controls; domain/rules/lists",
    ),
    Entry(
        Rule.SPECIAL,
        "special control (特药, codes that begin with 89)",
        "{name} 属于特殊管理药品，不得网络销售，请退单",
        "{name} is under special control and may not be sold online: give the order back",
        "R3, R10; 药品管理法 §61",
        "Product.controls; domain/rules/lists",
    ),
    Entry(
        Rule.LIMIT,
        "more packs in one sale than the law allows",
        "{name} 每次最多销售 {count} 个最小包装，请减少数量",
        "At most {count} packs of this in one sale: take less",
        "R11; 2012 notice, facts/compliance.md §4",
        "domain/rules/lists",
    ),
)
