"""The words of packaged speech, each with its reading in numbered pinyin: the reading is what was recorded, and names
the clip (`clips/mei3-tuan2.wav`). After a change: `python -m installer.recording.clips`."""

WORDS: dict[str, str] = {
    # channels
    "美团": "mei3 tuan2",
    "小程序": "xiao3 cheng2 xu4",
    "饿了么": "e4 le5 me5",
    # orders
    "新订单": "xin1 ding4 dan1",
    "号": "hao4",
    "尾号": "wei3 hao4",
    "催单": "cui1 dan1",
    "顾客申请退款": "gu4 ke4 shen1 qing3 tui4 kuan3",
    "订单已取消": "ding4 dan1 yi3 qu3 xiao1",
    "停止拣货": "ting2 zhi3 jian3 huo4",
    "处方待审核": "chu3 fang1 dai4 shen3 he2",
    "处方未通过": "chu3 fang1 wei4 tong1 guo4",
    "骑手已到店": "qi2 shou3 yi3 dao4 dian4",
    "有": "you3",
    "个": "ge4",
    # printers
    "前台": "qian2 tai2",
    "收银台": "shou1 yin2 tai2",
    "打印机": "da3 yin4 ji1",
    "缺纸": "que1 zhi3",
    "上盖打开": "shang4 gai4 da3 kai1",
    "切刀卡住": "qie1 dao1 ka3 zhu4",
    "故障": "gu4 zhang4",
    "离线": "li2 xian4",
    "被占用": "bei4 zhan4 yong4",
    "连不上": "lian2 bu2 shang4",
    "不能打印": "bu4 neng2 da3 yin4",
    # numbers
    "零": "ling2",
    "一": "yi1",
    "二": "er4",
    "三": "san1",
    "四": "si4",
    "五": "wu3",
    "六": "liu4",
    "七": "qi1",
    "八": "ba1",
    "九": "jiu3",
    "十": "shi2",
    "百": "bai3",
    "千": "qian1",
    "万": "wan4",
}


def clip(word: str) -> str:
    """The file name of its clip."""
    return WORDS[word].replace(" ", "-") + ".wav"
