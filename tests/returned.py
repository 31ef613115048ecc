"""Reports as mail servers and providers write them: the recordings, and small ones made for a test."""

from datetime import UTC, datetime
from pathlib import Path

from shared.mail_ids import mail_name

RECORDINGS = Path(__file__).parent / "recordings" / "returns"
SECRET = "thirty-two characters, none secret"
MAIL = 4711
"""The mail that the recordings are about; its signed name, by `SECRET`, is in them."""
NOW = datetime(2026, 11, 21, tzinfo=UTC)


def recording(name: str) -> bytes:
    return (RECORDINGS / name).read_bytes()


def bounce(mail_id: int = MAIL, status: str = "5.1.1", action: str = "failed", diagnostic: str = "", more: str = "") -> bytes:
    """A delivery status notification about one mail."""
    return f"""Return-Path: <>
To: bounces+{mail_name(mail_id, SECRET)}@joblark.example
Date: Mon, 16 Nov 2026 00:04:13 +0000
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx1.joblark.example

Final-Recipient: rfc822; somebody@elsewhere.example
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {diagnostic}
{more}
--b--
""".encode()


def complaint(mail_id: int = MAIL) -> bytes:
    """A feedback report about one mail."""
    return f"""To: complaints@joblark.example
Date: Tue, 17 Nov 2026 07:15:02 +0000
Content-Type: multipart/report; report-type=feedback-report; boundary=b

--b
Content-Type: message/feedback-report

Feedback-Type: abuse
Version: 1

--b
Content-Type: text/rfc822-headers

Message-ID: <{mail_name(mail_id, SECRET)}@joblark.example>

--b--
""".encode()
