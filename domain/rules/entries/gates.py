"""What a second person must have said first (R10), and the cold."""

from domain.rules.entry import Entry
from domain.rules.ids import Rule

ENTRIES = (
    Entry(
        Rule.PRESCRIPTION,
        "no pharmacist approved the prescription yet",
        "处方未审核，不能拣货，请等药师审核",
        "The prescription is not reviewed: wait for a pharmacist",
        "R10; 总局令58号; 药品管理法 §58",
        "ChainPolicy.without_pharmacist",
    ),
    Entry(
        Rule.PRESCRIPTION_REFUSED,
        "a pharmacist refused it",
        "处方审核未通过，不能拣货，请退单",
        "The prescription was refused: give the order back",
        "R10; 总局令58号; 药品管理法 §58",
    ),
    Entry(
        Rule.PRESCRIPTION_CHANGED,
        "the order changed after the approval",
        "订单在审方后有变动，请药师重新审核",
        "The order changed after its review: a pharmacist must look again",
        "R10",
    ),
    Entry(
        Rule.PRESCRIPTION_SELF,
        "picker and pharmacist are one person",
        "审方药师不能拣本单，请换一位同事拣货",
        "Who approved the prescription may not pick it: let a colleague pick",
        "R10",
    ),
    Entry(
        Rule.PRESCRIPTION_LATE,
        "it was approved after picking began",
        "处方在开始拣货后才审核，请放回商品重新拣货",
        "It was approved after picking began: put the goods back and pick again",
        "R10 (先方后药)",
    ),
    Entry(
        Rule.PRESCRIPTION_USED,
        "another order used the same prescription",
        "该处方已用于另一张订单，不能拣货，请退单",
        "Another order used this prescription: give the order back",
        "R10; 总局令58号",
    ),
    Entry(
        Rule.PRESCRIPTION_DUTY,
        "whoever approved is no licensed pharmacist on duty",
        "审方人不是当班药师，请当班药师重新审核",
        "It was not approved by a pharmacist on duty: have it reviewed again",
        "R10; 药品管理法 §58",
    ),
    Entry(
        Rule.PRESCRIPTION_PATIENT,
        "nobody verified who the patient is",
        "用药人未实名，不能拣货，请先核实身份",
        "Who the patient is was not verified: verify it first",
        "R10; 总局令58号",
        "ChainPolicy.patient_verified",
    ),
    Entry(
        Rule.CHECK_WANTED,
        "a second person must check",
        "请另一位同事复核后再打包",
        "A second person must check it before it is packed",
        "R10; GSP",
        "ChainPolicy.second_check",
    ),
    Entry(
        Rule.CHECK_SELF,
        "the picker checks",
        "复核人不能是拣货人，请换一位同事复核",
        "The picker cannot check: ask a colleague",
        "R10; GSP",
    ),
    Entry(
        Rule.CHECK_ROLE,
        "whoever checks may not",
        "{who} 没有复核权限，请换一位同事复核",
        "{who} may not check: ask a colleague who may",
        "GSP",
    ),
    Entry(Rule.COLD, "warning: 2-8 °C", "冷藏药品（2-8℃），请放冷藏箱", "Keep it at 2-8 °C: into the cold box", "GSP"),
    Entry(
        Rule.COLD_BOX,
        "a cold product leaves without its box",
        "含冷藏药品，请装入冷藏箱并确认后再交接",
        "It holds cold goods: confirm the cold box before handing over",
        "GSP; facts/compliance.md §4 (delivery)",
    ),
)
