"""Certificates made for a test: for a server on the loopback address, and Amazon's for what SNS signs."""

from datetime import UTC, datetime, timedelta
from functools import cache
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

START = datetime(2026, 1, 1, tzinfo=UTC)


@cache
def rsa_key() -> rsa.RSAPrivateKey:
    """One key for every certificate of a test run: making one takes a while."""
    return rsa.generate_private_key(65537, 2048)


def certificate(name: str, start: datetime, days: int = 365, *addresses: str) -> bytes:
    """A self-signed certificate (PEM) of `rsa_key`."""
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    names = x509.SubjectAlternativeName([*map(x509.IPAddress, map(ip_address, addresses)), x509.DNSName(name)])
    built = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(rsa_key().public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=days))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    )
    return built.sign(rsa_key(), hashes.SHA256()).public_bytes(Encoding.PEM)


def for_localhost(folder: Path) -> tuple[Path, Path]:
    """Files with a certificate for 127.0.0.1, good today, and with its key."""
    pem, key = folder / "localhost.pem", folder / "localhost.key"
    pem.write_bytes(certificate("localhost", datetime.now(UTC) - timedelta(days=1), 30, "127.0.0.1"))
    key.write_bytes(rsa_key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return pem, key
