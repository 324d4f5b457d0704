"""Codes that a customer shows, recognised so that nothing of them is ever stored: the one place of their patterns.

Payment codes: as both platforms publish them for merchants who scan their customers' phones.

医保电子凭证: no published format was found. Two independent public sources agree on 28 digits; one of them, in an app
built on the national platform's own kit, gives the parts: 424 (国家医保局) + 17 digits + 2 random digits + 2 of the
province + 4 of extension (0000); and `opc` instead of 424 for the open platform's codes. What has 28 digits and is
neither a GS1 message nor glued trace codes is therefore taken for one.

Identity cards: 18 characters with a date and an ISO 7064 check character; readers of cards type like scanners.
"""

import re

from domain.codes.kinds import CustomerCode, InsuranceCode, PaymentCode

_WECHAT_PAYS = re.compile(r"1[0-5][0-9]{16}", re.ASCII)
_ALIPAY_PAYS = re.compile(r"(?:2[5-9]|30)[0-9]{14,22}", re.ASCII)
_INSURANCE = re.compile(r"(?:(?:424|opc)[0-9]{25}|(?!01|8)[0-9]{28})", re.ASCII | re.IGNORECASE)
_IDENTITY = re.compile(
    r"[1-9][0-9]{5}(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9X]",
    re.ASCII | re.IGNORECASE,
)
_CHECKS = "10X98765432"


def customer_code(text: str) -> CustomerCode | None:
    if _INSURANCE.fullmatch(text) or _is_identity(text):
        return InsuranceCode()
    if _WECHAT_PAYS.fullmatch(text) or _ALIPAY_PAYS.fullmatch(text):
        return PaymentCode()
    return None


def _is_identity(text: str) -> bool:
    if not _IDENTITY.fullmatch(text):
        return False
    weighted = sum(int(digit) * pow(2, 17 - place, 11) for place, digit in enumerate(text[:17]))
    return _CHECKS[weighted % 11] == text[17].upper()
