"""The few words that are the tray's own; all else comes from the service as finished sentences."""

from dataclasses import dataclass

CHINESE, ENGLISH = "zh", "en"


@dataclass(frozen=True, slots=True)
class Words:
    product: str
    health: dict[str, str]
    trial: str
    waiting: str
    more: str
    printer: str
    line: str
    no_sound: str
    pause: str
    paused: str
    resume: str
    diagnosis: str
    open_page: str
    quit: str
    well_again: str
    starting: str
    not_running: str
    start_it: str
    not_for_you: str
    sit_here: str
    cannot_open: str


WORDS = {
    CHINESE: Words(
        product="药联",
        health={"well": "✔ ", "look": "▲ 请查看：", "down": "✖ 不能工作："},
        trial="试运行：不向平台确认，不推库存",
        waiting="待处理订单：{count}",
        more="还有 {count} 条",
        printer="打印机 {printer}",
        line="总部：{line}",
        no_sound="本机不能发声",
        pause="静音 30 分钟",
        paused="已静音到 {until}",
        resume="恢复声音",
        diagnosis="诊断",
        open_page="打开接单页面",
        quit="退出托盘图标（接单和打印不受影响）",
        well_again="恢复正常",
        starting="正在等接单服务启动",
        not_running="接单服务未运行",
        start_it="收不到订单，小票不打印。请重启电脑，仍不行请联系总部",
        not_for_you="接单服务没有认出本用户",
        sit_here="请在本机屏幕前登录的用户下使用",
        cannot_open="页面打不开",
    ),
    ENGLISH: Words(
        product="Yaolink",
        health={"well": "✔ ", "look": "▲ Look: ", "down": "✖ Not working: "},
        trial="On trial: no platform is told anything",
        waiting="Orders waiting: {count}",
        more="{count} more",
        printer="Printer {printer}",
        line="Headquarters: {line}",
        no_sound="This computer makes no sound",
        pause="Pause sound for 30 minutes",
        paused="Silent until {until}",
        resume="Sound on again",
        diagnosis="Diagnosis",
        open_page="Open the order page",
        quit="Quit this icon (orders and printing go on)",
        well_again="All is well again",
        starting="Waiting for the order service to start",
        not_running="The order service is not running",
        start_it="No orders arrive and nothing prints. Restart this computer; if that does not help, call headquarters",
        not_for_you="The order service does not know this user",
        sit_here="Use it as the user who is signed in at this screen",
        cannot_open="The page cannot be opened",
    ),
}
