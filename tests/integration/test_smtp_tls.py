"""TLS and login of the SMTP sender: against a server whose certificate nobody vouches for."""

import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.notifier.senders.smtp import SmtpSender
from shared.errors import SendError
from tests.unruly_smtp import FROM, MESSAGE, TO, Mark, Server


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    server = Server()
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
def mark(server: Server) -> Mark:
    return Mark(server)


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for 127.0.0.1 that nobody vouches for, with its key in the same file."""
    if not shutil.which("openssl"):
        pytest.skip("no openssl command to make a certificate with")
    pem = tmp_path / "server.pem"
    make = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1"
    subprocess.run([*make.split(), "-keyout", pem, "-out", tmp_path / "cert.pem"], check=True, capture_output=True)
    pem.write_bytes(pem.read_bytes() + (tmp_path / "cert.pem").read_bytes())
    return pem


def _server_tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


async def test_starttls_with_a_certificate_nobody_vouches_for_is_refused(server: Server, mark: Mark, certificate: Path) -> None:
    server.tls = _server_tls(certificate)
    sender = SmtpSender(host="127.0.0.1", port=server.port, security="starttls", user="joblark", password="hidden")

    with pytest.raises(SendError) as caught:
        await sender.send(FROM, TO, MESSAGE, before_data=mark)

    assert (caught.value.code, caught.value.retry) == ("smtp_tls_failed", True)
    assert "certificate verify failed" in str(caught.value)
    assert server.verbs() == ["EHLO", "STARTTLS"]


async def test_starttls_then_login_with_a_trusted_certificate(server: Server, mark: Mark, certificate: Path) -> None:
    server.tls = _server_tls(certificate)
    trusting = ssl.create_default_context(cafile=certificate)
    port = server.port
    sender = SmtpSender(host="127.0.0.1", port=port, security="starttls", user="joblark", password="hidden", tls=trusting)

    assert await sender.send(FROM, TO, MESSAGE, before_data=mark) == "250 queued as 7"
    assert server.verbs() == ["EHLO", "STARTTLS", "EHLO", "AUTH", "MAIL", "RCPT", "DATA"]
    await sender.close()


async def test_starttls_is_never_given_up_silently(server: Server, mark: Mark) -> None:
    server.says["EHLO"] = "250 here, in clear text only"
    sender = SmtpSender(host="127.0.0.1", port=server.port, security="starttls")

    with pytest.raises(SendError) as caught:
        await sender.send(FROM, TO, MESSAGE, before_data=mark)

    assert (caught.value.code, caught.value.retry) == ("smtp_no_starttls", True)
    assert "JOBLARK_SMTP_SECURITY" in str(caught.value)
    assert "MAIL" not in server.verbs()


async def test_a_refused_login_is_not_the_mails_fault(server: Server, mark: Mark) -> None:
    server.says["AUTH"] = "535 wrong password"
    sender = SmtpSender(host="127.0.0.1", port=server.port, user="joblark", password="hidden")

    with pytest.raises(SendError) as caught:
        await sender.send(FROM, TO, MESSAGE, before_data=mark)

    assert (caught.value.code, caught.value.retry) == ("smtp_login_refused", True)
    assert "hidden" not in str(caught.value)
