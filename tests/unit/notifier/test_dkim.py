"""Signatures, read back by dkimpy, which shares no line with what makes them."""

import base64
import hashlib
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import dkim as reader
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from dkim.canonicalization import CanonicalizationPolicy
from hypothesis import assume, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from services.notifier.dkim import (
    OVERSIGNED,
    SIGNED,
    Key,
    Signer,
    body_hash,
    key_from,
    new_key,
    pem_of,
    relaxed_body,
    relaxed_header,
    sign,
    signers,
)
from services.notifier.mail import Mail, auto_headers, feedback_header, list_headers, to_bytes
from shared.errors import Conflict, JoblarkError, UnreadableInput
from shared.settings import Settings

NOW = datetime(2026, 11, 21, 0, 5, tzinfo=UTC)
DOMAIN = "joblark.example.org"
SENDER = f"Joblark <digest@{DOMAIN}>"
FIRST, SECOND = Signer(DOMAIN, "first", new_key()), Signer(DOMAIN, "second", new_key())
RELAXED = CanonicalizationPolicy.from_c_value(b"relaxed/relaxed")


def published(*of: Signer) -> Callable[..., bytes | None]:
    """A DNS that knows the records of these keys, and no other name."""
    records = {f"{signer.name}.".encode(): signer.record.encode() for signer in of}
    return lambda name, timeout=5: records.get(name)


def verified(message: bytes, *of: Signer) -> list[bool]:
    """What dkimpy says of each signature, from the first in the mail on."""
    count = message.count(b"DKIM-Signature:")
    return [_verifies(message, i, published(*of)) for i in range(count)]


def _verifies(message: bytes, index: int, dns: Callable[..., bytes | None]) -> bool:
    try:
        return bool(reader.DKIM(message).verify(idx=index, dnsfunc=dns))
    except reader.ValidationError:
        return False


def letter(subject: str = "Jobs", text: str = "Hello Zoë\n", html: str = "<p>Hello</p>\n", name: str = "Joblark") -> bytes:
    headers = {**list_headers("https://x.example/u/abc", SENDER), **feedback_header("w", "c", "digest"), **auto_headers()}
    sender = f"{name} <digest@{DOMAIN}>"
    mail = Mail(
        to="ada@example.net", sender=sender, subject=subject, text=text, html=html, message_id="<a@b.c>", headers=headers
    )
    return to_bytes(mail, NOW)


def tags(message: bytes) -> dict[str, str]:
    line = re.sub(rb"\r\n[ \t]", b"", message.partition(b"\r\n\r\n")[0]).split(b"\r\n")[0].decode()
    pairs = (tag.split("=", 1) for tag in line.removeprefix("DKIM-Signature:").split(";"))
    return {name.strip(): value.replace(" ", "") for name, value in pairs}


WORDS = st.text(max_size=200) | st.text(alphabet=' \t\r\n.=?_-é\U0001f426a<>&"\\\x00\x0b\x7f\u2028', max_size=120)


@hypothesis_settings(max_examples=1_500, deadline=None)
@given(subject=WORDS, text=WORDS, html=WORDS | WORDS.map(lambda text: text * 40))
def test_every_mail_verifies(subject: str, text: str, html: str) -> None:
    assert verified(sign(letter(subject, text, html), [FIRST], NOW), FIRST) == [True]


RAW = st.binary(max_size=60) | st.lists(
    st.sampled_from([b" ", b"\t", b"\r\n", b"x", b"  ", b".", b"\xc3\xa9", b"y" * 998])
).map(b"".join)
VALUES = st.lists(st.sampled_from([" ", "\t", "\r\n ", "\r\n\t", "x", "Z", ":", "é"]), max_size=12).map("".join)


def carried(raw: bytes) -> bytes:
    """`raw` with the line ends that SMTP has, and one at its end."""
    body = re.sub(rb"\r\n|\r|\n", b"\r\n", raw)
    return body if body.endswith(b"\r\n") or not body else body + b"\r\n"


@hypothesis_settings(max_examples=1_500, deadline=None)
@given(values=st.lists(st.tuples(st.sampled_from([*SIGNED, "from", "SUBJECT", "X-Other"]), VALUES)), body=RAW)
@example(values=[("Subject", " x\r\n\t \r\n  y ")], body=b"")
@example(values=[], body=b"\r\n\r\n\r\n")
@example(values=[], body=b" \t \r\nx \t\r\n \r\n\r\n")
def test_whatever_the_white_space(values: list[tuple[str, str]], body: bytes) -> None:
    head = "From: a@b.c\r\n" + "".join(f"{name}:{value.rstrip()}x\r\n" for name, value in values)
    assume(head.lower().count("from:") == 1)

    assert verified(sign(head.encode() + b"\r\n" + carried(body), [FIRST], NOW), FIRST) == [True]


@hypothesis_settings(max_examples=500, deadline=None)
@given(raw=RAW)
def test_bodies_are_canonical_as_the_other_library_has_them(raw: bytes) -> None:
    body = carried(raw)

    assert relaxed_body(body) == RELAXED.canonicalize_body(body)


@pytest.mark.parametrize(
    ("body", "relaxed"),
    [
        (b" C \r\nD \t E\r\n\r\n\r\n", b" C\r\nD E\r\n"),  # RFC 6376 3.4.5
        (b"", b""),
        (b"\r\n\r\n", b""),
        (b" \t\r\n \r\n", b""),
        (b"x", b"x\r\n"),
        (b"x \t", b"x\r\n"),
        (b"\r\nx\r\n", b"\r\nx\r\n"),
        (b"a" + b" " * 1_000 + b"b" + b"\r\n" * 5_000, b"a b\r\n"),
    ],
)
def test_the_relaxed_form_of_a_body(body: bytes, relaxed: bytes) -> None:
    assert relaxed_body(body) == relaxed


def test_the_relaxed_form_of_a_header() -> None:
    assert relaxed_header(b"A: X") == b"a:X"  # RFC 6376 3.4.5
    assert relaxed_header(b"B : Y\t\r\n\tZ  ") == b"b:Y Z"


def test_body_hashes_of_the_standards() -> None:
    assert body_hash(b"") == "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="  # RFC 6376 3.4.4
    body = b"Hi.\r\n\r\nWe lost the game.  Are you hungry yet?\r\n\r\nJoe.\r\n"
    assert body_hash(body) == "2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8="  # RFC 6376 A.2, RFC 8463 A.3


def test_what_a_signature_says() -> None:
    said = tags(sign(letter(), [FIRST], NOW))

    assert {name: said[name] for name in "vacdst"} == {
        "v": "1", "a": "rsa-sha256", "c": "relaxed/relaxed", "d": DOMAIN, "s": "first", "t": "1795219500",
    }  # fmt: skip
    assert "l" not in said
    assert said["h"] == (
        "From:From:To:Subject:Subject:Date:Message-ID:MIME-Version:Content-Type:"
        "List-Unsubscribe:List-Unsubscribe-Post:List-Id:Feedback-ID:Auto-Submitted"
    )


def test_only_headers_that_are_there_are_named() -> None:
    plain = b"From: a@b.c\r\nTo: d@e.f\r\n\r\nx\r\n"

    assert tags(sign(plain, [FIRST], NOW))["h"] == "From:From:To:Subject"
    assert verified(sign(plain, [FIRST], NOW), FIRST) == [True]


def test_lines_of_the_signature_are_short_and_the_mail_stays_as_it_was() -> None:
    mail = letter()
    signed = sign(mail, [FIRST, SECOND], NOW)

    assert signed.endswith(mail)
    assert max(map(len, signed.removesuffix(mail).split(b"\r\n"))) <= 78
    assert signed == sign(mail, [FIRST, SECOND], NOW)
    assert sign(mail, [], NOW) == mail


def test_several_keys_sign_one_mail_and_each_stands_for_itself() -> None:
    signed = sign(letter(), [FIRST, SECOND], NOW)

    assert verified(signed, FIRST, SECOND) == [True, True]
    assert [tags(part)["s"] for part in (signed, signed[signed.index(b"DKIM-Signature", 9) :])] == ["first", "second"]


@pytest.mark.parametrize("name", [*SIGNED, "body", "html"])
def test_a_mail_that_was_changed_does_not_verify(name: str) -> None:
    signed = sign(letter(), [FIRST], NOW)
    changed = {
        "body": signed.replace(b"Hello", b"Hallo", 1),
        "html": signed.replace(b"<p>", b"<b>", 1),
    }.get(name) or re.sub(rf"(?m)^{name}: ".encode(), f"{name}: x".encode(), signed, count=1)

    assert changed != signed
    assert verified(changed, FIRST) == [False]


@pytest.mark.parametrize("name", OVERSIGNED)
@pytest.mark.parametrize("front", [True, False])
def test_a_second_header_of_that_name_breaks_the_signature(name: str, front: bool) -> None:
    signed = sign(letter(), [FIRST], NOW)
    other = f"{name}: Eve <eve@{DOMAIN}>\r\n".encode()
    changed = other + signed if front else signed.replace(b"\r\nMIME-Version", b"\r\n" + other + b"MIME-Version", 1)

    assert verified(changed, FIRST) == [False]


def test_what_servers_do_on_the_way_does_not_break_it() -> None:
    signed = sign(letter(subject="Backend   Engineer " * 9, text="Hello  \n\n\n"), [FIRST], NOW)
    moved = b"Received: from a by b;\r\n\tSat, 21 Nov 2026 00:05:01 +0000\r\n" + signed.replace(
        b"\nSubject: ", b"\nSUBJECT:\t "
    )

    assert verified(moved + b"\r\n\r\n", FIRST) == [True]


def test_an_ed25519_key_signs_as_rfc_8463_has_it() -> None:
    """dkimpy verifies these with a library we do not have, so here its own parts do the rest."""
    signer = Signer(DOMAIN, "ed", new_key("ed25519"))
    signed = sign(letter(), [FIRST, signer], NOW)
    mine = signed[signed.index(b"DKIM-Signature", 9) :]
    headers, body = reader.rfc822_parse(mine)
    said = tags(mine)
    chosen = reader.select_headers(
        RELAXED.canonicalize_headers(headers), [name.lower().encode() for name in said["h"].split(":")]
    )
    own = RELAXED.canonicalize_headers([(headers[0][0], re.sub(rb"(?s)b=[^=;]*=*\s*$", b"b=", headers[0][1]))])
    digest = hashlib.sha256(b"".join(name + b":" + value for name, value in chosen + own).removesuffix(b"\r\n")).digest()
    public = base64.b64decode(signer.record.partition("p=")[2])

    assert said["a"] == "ed25519-sha256"
    assert len(public) == 32
    assert isinstance(signer.key, Ed25519PrivateKey)
    signer.key.public_key().verify(base64.b64decode(said["b"]), digest)
    assert said["bh"] == base64.b64encode(hashlib.sha256(RELAXED.canonicalize_body(body)).digest()).decode()


def keyed(folder: Path, **keys: Key | str) -> Path:
    for selector, key in keys.items():
        (folder / f"{selector}.pem").write_text(key if isinstance(key, str) else pem_of(key))
    return folder


def given_settings(**values: object) -> Settings:
    return Settings(_env_file=None, mail_from=SENDER, **values)  # type: ignore[call-arg]


def test_no_key_is_no_signature() -> None:
    assert signers(given_settings()) == ()


def test_keys_come_from_the_setting_and_from_the_folder(tmp_path: Path) -> None:
    folder = keyed(tmp_path, old=SECOND.key, ed=new_key("ed25519"))
    found = signers(given_settings(dkim_key=pem_of(FIRST.key), dkim_selector="now", dkim_keys_dir=folder))

    assert [(signer.selector, signer.kind, signer.domain) for signer in found] == [
        ("now", "rsa", DOMAIN), ("ed", "ed25519", DOMAIN), ("old", "rsa", DOMAIN),
    ]  # fmt: skip
    assert found[0].name == "now._domainkey.joblark.example.org"
    assert verified(sign(letter(), found[:1], NOW), found[0]) == [True]


def test_the_key_may_be_in_a_file_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOBLARK_DKIM_KEY_FILE", str(keyed(tmp_path, key=FIRST.key) / "key.pem"))

    (found,) = signers(given_settings(dkim_domain="Example.ORG "))

    assert (found.name, found.record) == ("joblark._domainkey.example.org", FIRST.record)


def test_a_key_may_be_written_on_one_line() -> None:
    assert Signer("d", "s", key_from(pem_of(FIRST.key).replace("\n", "\\n"), "it")).record == FIRST.record


def weak(bits: int) -> str:
    return pem_of(rsa.generate_private_key(65_537, bits))


def elliptic() -> str:
    form, none = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return ec.generate_private_key(ec.SECP256R1()).private_bytes(serialization.Encoding.PEM, form, none).decode()


def locked() -> str:
    form, how = serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"x")
    assert isinstance(FIRST.key, rsa.RSAPrivateKey)
    return FIRST.key.private_bytes(serialization.Encoding.PEM, form, how).decode()


@pytest.mark.parametrize(
    ("pem", "code"),
    [
        (lambda: weak(1024), "dkim_key_size"),
        (lambda: "no key at all", "dkim_key_invalid"),
        (lambda: pem_of(FIRST.key).replace("M", "!"), "dkim_key_invalid"),
        (elliptic, "dkim_key_invalid"),
        (locked, "dkim_key_invalid"),
    ],
)
def test_a_key_that_cannot_be_trusted_is_refused_and_never_repeated(pem: Callable[[], str], code: str) -> None:
    text = pem()
    with pytest.raises(UnreadableInput) as caught:
        signers(given_settings(dkim_key=text))

    assert caught.value.code == code
    assert "JOBLARK_DKIM_KEY" in str(caught.value)
    assert not any(line in str(caught.value) for line in text.splitlines() if len(line) > 20)


@pytest.mark.parametrize("selector", ["", "a b", "a;b", "-a", "a..b", "ä", "a" * 64, ".a", "a\r\n"])
def test_a_selector_is_part_of_a_domain_name(selector: str) -> None:
    with pytest.raises(UnreadableInput) as caught:
        signers(given_settings(dkim_key=pem_of(FIRST.key), dkim_selector=selector))

    assert caught.value.code == "dkim_selector_invalid"


def test_two_keys_of_one_selector_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Conflict) as caught:
        signers(given_settings(dkim_key=pem_of(FIRST.key), dkim_keys_dir=keyed(tmp_path, joblark=SECOND.key)))

    assert caught.value.code == "dkim_selector_twice"


def test_a_file_that_is_no_key_is_named(tmp_path: Path) -> None:
    (tmp_path / "raw.pem").write_bytes(b"\xff\xfe")
    (tmp_path / "readme.txt").write_text("not a key, and not asked for")

    with pytest.raises(JoblarkError, match=r"raw\.pem"):
        signers(given_settings(dkim_keys_dir=tmp_path))
