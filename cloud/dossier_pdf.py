"""The audit file of one order on paper (A4), for an inspector's eyes; the JSON it shows is attached to it."""

import json
from collections.abc import Iterable
from importlib.resources import files

from fpdf import FPDF
from fpdf.enums import WrapMode, XPos, YPos
from fpdf.fonts import FontFace

from domain import quantity
from domain.dossier import Dossier
from domain.times import Millis, shown, to_datetime

_FONT = "noto"
_GREY = (110, 110, 110)
_SIZE, _SMALL = 9, 7.5
_LINE = 4.6
_SECOND = "%Y-%m-%d %H:%M:%S"

_STEPS = {
    "assigned": "到店待拣", "started": "开始拣货", "taken_over": "接手", "given_back": "放回待拣", "scanned": "扫码",
    "lot_confirmed": "核对批号", "prefix_learned": "识别码建档", "waived": "无码放行", "taken_by_hand": "手工确认",
    "undone": "撤销", "short": "缺货", "paused": "暂停", "resumed": "继续", "checked": "复核", "packed": "装袋",
    "handed_over": "交接", "stopped": "停止", "put_back": "放回货架", "returned": "退货", "prescription": "处方",
    "slip": "小票", "refund": "退款",
}  # fmt: skip
_SOURCES = {"received": "收货记录", "bill": "供应商单据", "gs1": "包装GS1码", "clerk": "店员核对"}
_ENTRIES = {"scanned": "扫码", "typed": "手工录入", "waived": "无码放行", "by_hand": "手工确认"}
_SLIPS = {"picking": "拣货单", "customer": "顾客联", "refund": "退款单", "stop": "停拣单", "prescription": "处方联"}
_STATES = {
    "accepted": "已受理", "held": "暂缓", "sending": "发送中", "confirming": "确认中", "printed": "已打印",
    "not_printed": "未打印", "unknown": "待确认", "withdrawn": "已撤回", "waiting": "待审核", "approved": "已通过",
    "refused": "不通过", "asked": "已申请", "appealed": "已申诉", "agreed": "已同意",
    "paid": "已退款", "failed": "失败", "done": "已告知", "dropped": "不再告知", "shadow": "试运行未告知",
    "placed": "待接单", "picked": "已拣货", "handed_over": "已交接", "completed": "已完成", "cancelled": "已取消",
}  # fmt: skip
"""Of slips, prescriptions, refunds, calls and orders; where two of them share a word, its meaning is the same."""
_DETAILS = {
    "code": "追溯码", "codes": "追溯码", "raw": "原始字节", "lot": "批号", "rule": "规则", "sentence": "判定",
    "line_id": "商品行", "expiry": "有效期", "source": "来源", "scan_id": "扫码号", "reason": "原因",
    "photo": "照片", "noted": "有备注", "packs": "盒数", "missing": "缺少(千分之一)",
    "quantity": "数量(千分之一)", "choice": "处理", "substitute": "替换为", "refund_id": "退款号",
    "answer": "答复", "state": "状态", "cause": "原因", "printer": "打印机", "slip": "小票",
    "slip_id": "小票号", "evidence": "证据", "copy": "补打", "second": "第二人", "taken": "骑手已取",
    "full": "整单", "to_put_back": "待放回", "was": "此前", "boxed": "冷链箱", "from_station": "原工位",
    "from_staff": "原人员", "prefix": "识别码", "sku": "商品编码", "barcode": "商品条码", "return_id": "退货号",
    "prescription": "处方", "read_at": "读取时刻(毫秒)", "ask": "问题", "scanned": "扫码", "bindings": "药盒",
}  # fmt: skip


class _Paper(FPDF):
    """`footer` is FPDF's own hook: every page names the order and the key that vouches for it."""

    def __init__(self, foot: str, made_at: Millis) -> None:
        super().__init__(format="A4")
        self._foot = foot
        self.set_creation_date(to_datetime(made_at))
        self.set_auto_page_break(True, margin=18)
        self.add_font(_FONT, "", str(files("pylopdf_fonts_zh_cn") / "NotoSansSC-Regular.otf"))
        self.set_font(_FONT, size=_SIZE)
        self.add_page()

    def footer(self) -> None:
        self.set_y(-14)
        self.set_font(_FONT, size=6.5)
        self.set_text_color(*_GREY)
        self.multi_cell(0, 3.4, f"{self._foot}\n第 {self.page_no()} 页 / page {self.page_no()}", align="C")
        self.set_text_color(0)

    def heading(self, words: str) -> None:
        self.ln(2.5)
        self.set_font(_FONT, size=11)
        self.cell(0, 6.5, words, border="B", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(1.2)
        self.set_font(_FONT, size=_SIZE)

    def said(self, words: str, *, small: bool = False) -> None:
        self.set_font(_FONT, size=_SMALL if small else _SIZE)
        self.multi_cell(0, _LINE, words, new_x=XPos.LMARGIN, new_y=YPos.NEXT, wrapmode=WrapMode.CHAR)

    def rows(self, head: tuple[str, ...], widths: tuple[int, ...], rows: Iterable[tuple[str, ...]]) -> None:
        self.set_font(_FONT, size=_SMALL)
        style = FontFace(fill_color=(238, 238, 238))
        with self.table(
            col_widths=widths, line_height=_LINE - 0.6, headings_style=style, text_align="LEFT", wrapmode=WrapMode.CHAR
        ) as table:
            for each in (head, *rows):
                table.row(each)
        self.set_font(_FONT, size=_SIZE)


def pdf_of(dossier: Dossier, attached: bytes, fingerprint: str) -> bytes:
    """`attached` is the sealed JSON; `fingerprint` names the chain's key."""
    order = dossier.order
    paper = _Paper(f"{dossier.chain} · {order.order_id} · 公钥指纹 key {fingerprint}", dossier.made_at)
    paper.set_title(f"订单追溯档案 {order.order_id}")
    paper.set_font(_FONT, size=16)
    paper.cell(0, 10, "订单追溯档案", align="C", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    _head(paper, dossier)
    _goods(paper, dossier)
    _prescription(paper, dossier)
    _timeline(paper, dossier)
    _slips(paper, dossier)
    _others(paper, dossier)
    _proof(paper, dossier, fingerprint)
    paper.embed_file(basename=f"{order.order_id}.json", bytes=attached, desc="the sealed dossier as JSON")
    return bytes(paper.output())


def _head(paper: _Paper, dossier: Dossier) -> None:
    order = dossier.order
    paper.set_font(_FONT, size=_SIZE)
    marks = [word for is_so, word in ((order.prescription, "处方"), (order.insurance, "医保")) if is_so]
    paper.said(
        f"门店　{dossier.store_name}（{dossier.store}）　　渠道　{order.channel}　{order.shown_id}　{' '.join(marks)}"
    )
    paper.said(f"订单　{order.order_id}　　下单　{_at(order.placed_at)}　　状态　{_state(order.state)}")
    paper.said(f"导出　{_at(dossier.made_at)}　{dossier.made_by}　　原因　{dossier.reason}")


def _goods(paper: _Paper, dossier: Dossier) -> None:
    paper.heading("商品、追溯码与批号")
    names = {line.line_id: line for line in dossier.order.lines}
    people = {step.staff_id: step.name for step in dossier.steps}
    paper.rows(
        ("商品", "规格 / 厂家", "数量", "追溯码", "批号（来源）", "有效期", "方式", "人员"),
        (26, 26, 10, 36, 26, 18, 16, 14),
        (
            (
                names[pack.binding.line_id].name if pack.binding.line_id in names else "—",
                _spec(names[pack.binding.line_id].spec, names[pack.binding.line_id].maker)
                if pack.binding.line_id in names
                else "—",
                quantity.shown(pack.binding.quantity),
                pack.binding.code or "—",
                _lot(pack.binding.lot, pack.binding.lot_source),
                str(pack.binding.expiry or "—"),
                _entry(pack.binding.entry, pack.binding.waiver, pack.released_at),
                people.get(pack.binding.staff_id, pack.binding.staff_id) or "—",
            )
            for pack in dossier.packs
        ),
    )
    for line in dossier.order.lines:
        if line.struck:
            paper.said(f"{line.name}：已退 {quantity.shown(line.struck)}{line.unit}", small=True)


def _prescription(paper: _Paper, dossier: Dossier) -> None:
    if dossier.prescription is None:
        return
    paper.heading("处方与药师审核")
    paper.said(f"处方号　{dossier.prescription.number or '—'}　　状态　{_state(dossier.prescription.state)}")
    for image in dossier.prescription.images:
        paper.said(f"影像 SHA-256　{image.digest}（{image.size} 字节）", small=True)
    for decision in dossier.decisions:
        word = "通过" if decision.approved else f"不通过：{decision.reason}"
        where = decision.store or "总部"
        paper.said(f"{_at(decision.at)}　{decision.name}（注册证号 {decision.licence or '—'}）　{where}　{word}")
        paper.said(f"审核时的商品 {decision.covers}", small=True)


def _timeline(paper: _Paper, dossier: Dossier) -> None:
    paper.heading("门店全程记录")
    paper.rows(
        ("#", "时间", "事项", "人员", "工位", "规则版本", "内容"),
        (8, 30, 20, 18, 26, 22, 66),
        (
            (
                str(step.seq), _at(step.at), _STEPS.get(step.kind.value, step.kind.value),
                f"{step.name} {step.staff_id}".strip() or "—", step.station or "—", step.rules or "—",
                _detail(step.detail),
            )
            for step in dossier.steps
        ),
    )  # fmt: skip


def _slips(paper: _Paper, dossier: Dossier) -> None:
    if not dossier.slips:
        return
    paper.heading("小票与打印证据")
    paper.rows(
        ("小票", "补打", "打印机", "证据", "经过"),
        (24, 10, 26, 12, 118),
        (
            (
                _SLIPS.get(slip.kind, slip.kind), str(slip.copy or ""), slip.printer or "—", slip.evidence or "—",
                "；".join(f"{_at(step.at)} {_state(step.state)} {step.cause}".strip() for step in slip.steps),
            )
            for slip in dossier.slips
        ),
    )  # fmt: skip


def _others(paper: _Paper, dossier: Dossier) -> None:
    if dossier.refunds or dossier.told:
        paper.heading("退款与渠道通知")
    for refund in dossier.refunds:
        what = "整单" if refund.full else "部分"
        paper.said(f"{_at(refund.asked_at)}　{what}退款 {refund.refund_id}　{_state(refund.state)}", small=True)
    for call in dossier.told:
        paper.said(f"{_at(call.at)}　{call.kind}　{_state(call.state)}　{call.said}", small=True)


def _proof(paper: _Paper, dossier: Dossier, fingerprint: str) -> None:
    paper.heading("如何验证")
    paper.said(
        "本文件由连锁总部的审计密钥签名，任何一个字节被改动都会被发现。在装有 yaolink 的电脑上运行："
        f'\n　　yaolink-verify 本文件.pdf --key "{fingerprint}"\n并与总部公布的公钥指纹核对。附件 JSON 可同样验证。'
    )
    paper.said("Sealed by the chain's audit key; any changed byte is found by the command above.", small=True)
    if dossier.steps:
        paper.said(f"门店记录链末端 SHA-256　{dossier.steps[-1].hash}", small=True)
    for line in dossier.audit:
        paper.said(
            f"总部审计 {line.store} #{line.seq}　{_at(line.at)}　{line.actor}　{line.action}　{line.detail}", small=True
        )
    for person in dossier.persons:
        words = "个人信息已删除" if person.erased else f"{person.name}　{person.digest}"
        paper.said(f"个人信息承诺值　{words}", small=True)


def _at(at: Millis) -> str:
    return shown(at, _SECOND)


def _detail(written: str) -> str:
    """What a step holds, in words for people; what it does not say is left out. The exact text is in the JSON."""
    said = json.loads(written)
    return "；".join(f"{_DETAILS.get(key, key)} {_said(value)}" for key, value in said.items() if value not in ("", []))


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    return "、".join(map(str, value)) if isinstance(value, list) else _state(str(value))


def _state(word: str) -> str:
    return _STATES.get(word, word)


def _spec(spec: str, maker: str) -> str:
    return f"{spec} / {maker}" if maker else spec


def _lot(lot: str | None, source: object) -> str:
    return "—" if lot is None else f"{lot}（{_SOURCES.get(str(source), '—')}）"


def _entry(entry: str, waiver: str | None, released_at: Millis | None) -> str:
    words = _ENTRIES.get(entry, entry) + (f"（{waiver}）" if waiver else "")
    return f"{words}，已放回" if released_at is not None else words
