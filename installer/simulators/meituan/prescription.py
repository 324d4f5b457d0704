"""What a customer's prescription looks like: a picture that this program draws, another one for every order."""

import io
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont
from pylopdf_fonts_zh_cn import sans_path

from installer.simulators.meituan.orders import Order

WIDTH, HEIGHT, MARGIN = 900, 1200, 70
INK, STAMP = (30, 34, 52), (190, 30, 45)
PATIENTS = (("李小花", "女", "34岁"), ("王建国", "男", "61岁"), ("赵敏", "女", "27岁"), ("陈大勇", "男", "45岁"))
FINDINGS = ("上呼吸道感染", "急性扁桃体炎", "高血压病", "过敏性鼻炎")


def draw(order: Order) -> bytes:
    """A JPEG, the same bytes each time. Everybody on it is invented."""
    paper = Image.new("RGB", (WIDTH, HEIGHT), (252, 251, 246))
    pen = ImageDraw.Draw(paper)
    pen.text((WIDTH // 2, 90), "示例互联网医院 处方笺", fill=INK, font=_font(46), anchor="mm")
    pen.line((MARGIN, 140, WIDTH - MARGIN, 140), fill=INK, width=3)
    name, sex, age = PATIENTS[order.day_seq % len(PATIENTS)]
    lines = [
        f"处方编号 RX{order.order_id}",
        f"日期 {order.day // 10000}-{order.day // 100 % 100:02d}-{order.day % 100:02d}    科别 全科",
        f"姓名 {name}    性别 {sex}    年龄 {age}",
        f"临床诊断 {FINDINGS[order.day_seq % len(FINDINGS)]}",
    ]
    y = 190
    for line in lines:
        pen.text((MARGIN, y), line, fill=INK, font=_font(28))
        y += 50
    pen.text((MARGIN, y + 20), "Rp.", fill=INK, font=_font(44))
    y += 100
    for number, medicine in enumerate(order.lines, 1):
        pen.text((MARGIN + 30, y), f"{number}. {medicine.name} {medicine.spec}", fill=INK, font=_font(28))
        pen.text(
            (MARGIN + 60, y + 40), f"× {medicine.quantity}{medicine.unit}    口服，遵医嘱", fill=INK, font=_font(26)
        )
        y += 100
    pen.line((MARGIN, HEIGHT - 190, WIDTH - MARGIN, HEIGHT - 190), fill=INK, width=2)
    pen.text((MARGIN, HEIGHT - 160), "医师 测试医生    审核药师 ______    （演示，无效）", fill=INK, font=_font(26))
    pen.ellipse((WIDTH - 300, HEIGHT - 400, WIDTH - 110, HEIGHT - 210), outline=STAMP, width=6)
    pen.text((WIDTH - 205, HEIGHT - 305), "处方专用", fill=STAMP, font=_font(34), anchor="mm")
    out = io.BytesIO()
    paper.save(out, "JPEG", quality=80)
    return out.getvalue()


@lru_cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(sans_path()), size)
