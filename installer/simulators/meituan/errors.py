"""What can go wrong:

SimulatorError
├── ConfigError      the config file or the address cannot be used
└── PlatformError    the platform refuses, with the code it uses on the wire
"""

MESSAGES = {
    700: "系统错误",
    701: "缺少参数",
    702: "app_id不存在",
    703: "签名验证错误",
    705: "参数格式错误",
    708: "没有权限访问该接口",
    711: "接口调用过于频繁，触发流控，请降低调用频率",
    803: "门店不存在",
    806: "订单不存在",
    808: "操作失败（如订单在操作时，状态已变更等情况）",
    3004: "不存在此药品",
    3006: "数值不合法",
    3009: "批量数据中存在重复",
}
"""Codes of facts/channels.md §1.4. The texts of 703, 711, 808 and 3004 are sourced, the others are our words."""


class SimulatorError(Exception):
    retryable = False
    hint = ""


class ConfigError(SimulatorError):
    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class PlatformError(SimulatorError):
    """`why` is for people reading the simulator's log; the wire carries only the code and its text."""

    def __init__(self, code: int, why: str = "") -> None:
        super().__init__(f"{code} {MESSAGES[code]}" + (f": {why}" if why else ""))
        self.code = code
        self.hint = why
        self.retryable = code in (700, 711)

    def envelope(self) -> dict[str, object]:
        return {"data": "ng", "error": {"code": self.code, "msg": MESSAGES[self.code]}}
