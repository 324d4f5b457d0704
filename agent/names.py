"""Chinese names of what the clerk reads on page and paper."""

from domain.orders import Order, OrderState, called

CHANNELS = {"meituan": "美团", "own": "小程序"}
STATES = {
    OrderState.PLACED: "待接单",
    OrderState.ACCEPTED: "待拣货",
    OrderState.PICKED: "已拣货",
    OrderState.HANDED_OVER: "已交接",
    OrderState.COMPLETED: "已完成",
    OrderState.CANCELLED: "已取消",
}
OPERATIONS = {
    "order.accept": "接单",
    "pick.started": "开始拣货",
    "pick.completed": "拣货完成",
    "order.handed_over": "交接",
    "exception.settle": "异常处理",
    "refund.answer": "退款答复",
    "slip.changed": "小票状态",
    "stock.counted": "盘点",
    "sale.recorded": "销售",
}


def channel(order: Order) -> str:
    """Its own word for a channel we have no name for."""
    return CHANNELS.get(order.channel, order.channel)


def shouted(order: Order) -> str:
    """What riders shout: 美团 #12."""
    return f"{channel(order)} {called(order.day_number, order.shown_id)}"
