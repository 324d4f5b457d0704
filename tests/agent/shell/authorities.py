"""Certificates of every kind that a hub may show, made on the spot."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Authority:
    name: x509.Name
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @classmethod
    def make(cls, common_name: str) -> "Authority":
        key, name = ec.generate_private_key(ec.SECP256R1()), _name(common_name)
        return cls(name, key, _sign(name, name, key, key, (-30 * DAY, 300 * DAY), authority=True))

    def write(self, path: Path) -> Path:
        """The certificate alone, as `ca_file` wants it."""
        path.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))
        return path

    def issue(
        self, folder: Path, *, valid: tuple[timedelta, timedelta] = (-DAY, 90 * DAY), host: str = "127.0.0.1"
    ) -> Path:
        """A PEM with certificate and key for a server at `host`."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = _sign(_name("hub"), self.name, key, self.key, valid, authority=False, host=host)
        return _write(folder / "server.pem", certificate, key)


def self_signed(folder: Path) -> Path:
    key, name = ec.generate_private_key(ec.SECP256R1()), _name("hub in the office")
    certificate = _sign(name, name, key, key, (-DAY, 90 * DAY), authority=False, host="127.0.0.1")
    return _write(folder / "self.pem", certificate, key)


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, common_name)])


def _sign(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    signing: ec.EllipticCurvePrivateKey,
    valid: tuple[timedelta, timedelta],
    *,
    authority: bool,
    host: str = "127.0.0.1",
) -> x509.Certificate:
    now = datetime.now(UTC)
    named: x509.GeneralName = (
        x509.IPAddress(ip_address(host)) if host.replace(".", "").isdigit() else x509.DNSName(host)
    )
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + valid[0])
        .not_valid_after(now + valid[1])
        .add_extension(x509.SubjectAlternativeName([named]), critical=False)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .sign(signing, hashes.SHA256())
    )


def _write(path: Path, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> Path:
    plain = serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + private)
    return path
