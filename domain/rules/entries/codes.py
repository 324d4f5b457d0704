"""What was read (R2, R12)."""

from domain.rules.entry import Entry
from domain.rules.ids import Rule

ENTRIES = (
    Entry(Rule.TAKEN, "the pack is right", "{name} 已拣", "Taken: {name}", "R6"),
    Entry(Rule.UNREADABLE, "no code that we know", "{why}", "This cannot be read: scan again", "R2"),
    Entry(
        Rule.OWN_CODE,
        "one of our own codes where a pack is wanted",
        "这是本系统的{what}，请扫描药品上的追溯码",
        "This is one of our own codes: scan the pack",
        "R2",
    ),
    Entry(
        Rule.PRODUCT_BARCODE,
        "the retail barcode of a product that has trace codes",
        "这是商品条码，请扫描追溯码",
        "This is the product's barcode: scan the trace code",
        "R2; 药品管理法 §36",
        "Product.code_policy",
    ),
    Entry(
        Rule.MAKER_CODE,
        "a maker's own code for a product that is not taken by such codes",
        "{name} 不能用厂家自编码拣货，请扫描药盒上的追溯码或商品条码",
        "Makers' own codes do not count for this product: scan its trace code or barcode",
        "R2",
        "Product.maker_prefixes",
    ),
    Entry(
        Rule.SERIAL_UNSURE,
        "a GS1 code whose serial a swallowed separator may have changed",
        "二维码里的序列号不确定，请扫描盒上的追溯码，或检查扫描枪设置",
        "The serial in this code is not sure: scan the trace code, or look at the scanner's settings",
        "R7, facts/compliance.md §2.2 b",
    ),
    Entry(
        Rule.PAYMENT,
        "a customer's payment code",
        "这是顾客的付款码，没有记录，请到收银台使用",
        "A customer's payment code: nothing was kept; use it at the till",
        "design.md §8",
    ),
    Entry(
        Rule.INSURANCE,
        "a customer's 医保电子凭证",
        "这是顾客的医保电子凭证，没有记录，请到收银台使用",
        "A customer's insurance code: nothing was kept; use it at the till",
        "design.md §8",
    ),
    Entry(
        Rule.TYPE_AGAIN,
        "a code typed by hand, the first time",
        "手工输入的追溯码请再输入一次",
        "Type the code once more",
        "R12: a trace code has no public check digit",
    ),
    Entry(
        Rule.TYPED_DIFFERS,
        "typed differently the second time",
        "两次输入的追溯码不一致，请看着药盒重新输入",
        "The two codes differ: read the pack and type it again",
        "R12",
    ),
)
