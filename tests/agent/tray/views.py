"""Views as a service would tell them."""

from dataclasses import replace

from agent.tray.view import Announcement, Sound, View

WELL = View(
    "well",
    "一切正常",
    store="和平路店",
    line="已连接总部 · 自 11-22 08:00",
    printers=("前台：正常",),
    sound=Sound(can=True),
)
LOOK = replace(WELL, health="look", headline="自 11-22 09:00 与总部断开", lines=("打印机 后台 纸快用完",), waiting=3)
DOWN = replace(WELL, health="down", headline="打印机 前台 不能打印：缺纸")
NEW_ORDER = Announcement("7", "美团新订单 12 号", "o12")
