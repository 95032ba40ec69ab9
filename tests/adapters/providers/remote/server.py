"""Providers behind a socket of 127.0.0.1, as another process would have them, and certificates for that."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from synctv.adapters.providers.remote.address import RemoteAddress
from synctv.application.ports.providers import Provider
from synctv.entrypoints.provider.server import serving
from synctv.entrypoints.provider.service import ProviderService

TOKEN = "a token that nobody guesses"


@asynccontextmanager
async def remote(*providers: Provider, port: int = 0, name: str = "far") -> AsyncIterator[RemoteAddress]:
    """The address of the first provider, which is called `far` here."""
    service = ProviderService({one.name: one for one in providers})
    async with serving(service, "127.0.0.1", port, token=TOKEN) as bound:
        yield RemoteAddress(name, f"grpc://127.0.0.1:{bound}", providers[0].name, TOKEN)


def certificates(folder: Path) -> tuple[Path, Path, Path]:
    """A certificate authority, a certificate of it for 127.0.0.1, and its key, as files."""
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test authority")])
    here = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    address = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    use = x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
    root = (
        _dated(authority, authority, ca_key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(use, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(ca_key.public_key()), critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    leaf = (
        _dated(here, authority, key.public_key())
        .add_extension(address, critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    files = folder / "ca.pem", folder / "certificate.pem", folder / "key.pem"
    files[0].write_bytes(root.public_bytes(Encoding.PEM))
    files[1].write_bytes(leaf.public_bytes(Encoding.PEM))
    files[2].write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return files


def server_context(certificate: Path, key: Path) -> ssl.SSLContext:
    """What a server with this certificate speaks TLS with."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    context.set_alpn_protocols(["h2"])
    return context


def _dated(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    today = datetime.fromtimestamp(datetime(2026, 1, 1, tzinfo=UTC).timestamp(), UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=365))
        .not_valid_after(today + timedelta(days=36_500))
    )
