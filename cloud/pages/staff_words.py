"""The words of the pages about people; `cloud.pages.words` takes them in."""

from collections.abc import Mapping

ENGLISH: Mapping[str, str] = {
    "员工与值班": "People",
    "员工": "Colleagues",
    "工号": "Id",
    "姓名": "Name",
    "角色": "Roles",
    "执业药师注册证号": "Pharmacist's licence",
    "工作门店": "Works in",
    "选定的门店": "these stores",
    "登录方式": "Signs in with",
    "工牌": "badge",
    "密码": "PIN",
    "都没有": "nothing yet",
    "新员工，或修改": "A new colleague, or a known one changed",
    "保存": "Save",
    "修改": "Change",
    "新工牌": "New badge",
    "设密码": "Set PIN",
    "离职": "Left",
    "旧工牌立即作废。确定？": "The last badge is dead at once. Sure?",
    "其工牌和密码立即作废，记录中的姓名保留。确定？": (
        "Badge and PIN are dead at once; the records keep the name. Sure?"
    ),
    "只显示一次，请现在打印": "shown this once: print it now",
    "新密码（6 至 12 位数字）": "New PIN, 6 to 12 digits",
    "打印": "Print",
    "还没有员工。没有员工的门店照常工作，不需要登录。": (
        "No colleagues yet. Stores without any work as before, and nobody signs in."
    ),
    "药师值班": "Pharmacists on duty",
    "上一周": "Earlier",
    "下一周": "Later",
    "本周": "This week",
    "总部（远程审方）": "Headquarters (remote review)",
    "药师": "Pharmacist",
    "日期": "Day",
    "上班": "From",
    "下班": "To",
    "连续周数": "Weeks",
    "排班": "Put on the roster",
    "撤掉这个班？": "Strike this duty?",
    "本周没有排班。": "Nobody is on the roster this week.",
    "自行上岗": "came on duty",
    "自行下岗": "went off duty",
    "指令卡": "Command cards",
    "贴在柜台上，用扫码枪扫。": "For the counter; scanned instead of pressing a key.",
}
