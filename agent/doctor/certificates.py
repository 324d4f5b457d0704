"""What is wrong with a certificate that was not trusted, said so that somebody can mend it."""

import ssl
from datetime import UTC, datetime

from cryptography import x509

from agent.doctor.findings import Finding, found

SOON_DAYS = 14
INTERCEPTORS = (
    *("kaspersky", "eset", "avast", "avg ", "bitdefender", "mcafee", "norton", "symantec", "dr.web", "g data"),
    *("360", "qihoo", "huorong", "火绒", "tencent", "腾讯", "kingsoft", "金山", "rising", "瑞星", "2345"),
    *("fortinet", "fortigate", "zscaler", "sophos", "cisco umbrella", "palo alto", "blue coat", "netskope"),
    *("sangfor", "深信服", "topsec", "天融信", "hillstone", "山石", "venustech", "启明星辰", "qianxin", "奇安信"),
    *("fiddler", "charles proxy", "mitmproxy"),
)
"""What antivirus programs, gateways and debuggers call the authority they put between us and the world."""

_EXPIRED, _NOT_YET = 10, 9
_SELF_SIGNED = 18
_WRONG_NAME = (62, 64)
"""Of OpenSSL's x509_vfy.h: host and address mismatch."""


def accepted(certificate: bytes, now: datetime | None = None) -> Finding:
    until = x509.load_der_x509_certificate(certificate).not_valid_after_utc
    days = (until - (now or datetime.now(UTC))).days
    if days < SOON_DAYS:
        return found("certificate.soon", days=days)
    return found("certificate.ok", until=_day(until), detail=f"issuer: {_issuer(certificate)}")


def refused(error: ssl.SSLCertVerificationError, certificate: bytes, host: str) -> Finding:
    """An authority that reads along is named before anything else: its certificates are often odd besides."""
    shown, issuer, detail = x509.load_der_x509_certificate(certificate), _issuer(certificate), str(error)
    if any(name in f"{issuer} ".lower() for name in INTERCEPTORS):
        return found("certificate.intercepted", issuer=issuer, host=host, detail=detail)
    if error.verify_code == _EXPIRED:
        return found("certificate.expired", until=_day(shown.not_valid_after_utc), detail=detail)
    if error.verify_code == _NOT_YET:
        return found("certificate.not_yet", since=_day(shown.not_valid_before_utc), detail=detail)
    if error.verify_code in _WRONG_NAME:
        return found("certificate.wrong_name", host=host, names=_names(shown), detail=detail)
    if error.verify_code == _SELF_SIGNED:
        return found("certificate.self_signed", issuer=issuer, detail=detail)
    return found("certificate.unknown_authority", issuer=issuer, host=host, detail=detail)


def _issuer(certificate: bytes) -> str:
    """Organisation and common name: what people recognise."""
    issuer = x509.load_der_x509_certificate(certificate).issuer
    oids = (x509.NameOID.ORGANIZATION_NAME, x509.NameOID.COMMON_NAME)
    return ", ".join(str(part.value) for oid in oids for part in issuer.get_attributes_for_oid(oid)) or "?"


def _names(certificate: x509.Certificate) -> str:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return certificate.subject.rfc4514_string()
    return ", ".join(str(name.value) for name in names)


def _day(at: datetime) -> str:
    return at.date().isoformat()
