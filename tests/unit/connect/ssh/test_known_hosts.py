"""The keys of a host in OpenSSH's known_hosts format."""

from __future__ import annotations

import base64
import hashlib
import hmac

import pytest

from dbt.adapters.oceanbase.connect.ssh.known_hosts import known_keys

KEY, OTHER = b"the key", b"another key"


def line(names: str, key: bytes = KEY, kind: str = "ssh-ed25519") -> str:
    return f"{names} {kind} {base64.b64encode(key).decode()}"


def hashed(name: str) -> str:
    salt = b"0123456789abcdefghij"
    digest = hmac.new(salt, name.encode(), hashlib.sha1).digest()
    return f"|1|{base64.b64encode(salt).decode()}|{base64.b64encode(digest).decode()}"


@pytest.mark.parametrize(
    ("text", "port"),
    [
        (line("bastion"), 22),
        (line("BASTION"), 22),
        (line("other,bastion,10.0.0.1") + " a comment", 22),
        (line("bastion").replace(" ", "\t"), 22),
        (f"# a comment\n\n{line('bastion', OTHER, 'ssh-rsa')}\n{line('bastion')}\n", 22),
        (f"{line('bastion', OTHER)}\n{line('bastion')}", 22),
        (line("[bastion]:2222"), 2222),
        (line("bastion"), 2222),
        (line("*"), 22),
        (line("bas*"), 22),
        (line("b?stion"), 22),
        (line("[bas*]:2222"), 2222),
        (line(hashed("bastion")), 22),
        (line(hashed("[bastion]:2222")), 2222),
        (line(hashed("bastion")), 2222),
        (f"@cert-authority {line('*', OTHER)}\n{line('bastion')}", 22),
        (f"@revoked {line('bastion', OTHER)}\n{line('bastion')}", 22),
        (f"bastion ssh-ed25519 %%%\nbastion ssh-ed25519\n|1|x {line('')}\n|1|%|% ssh-rsa AAAA\n{line('bastion')}", 22),
    ],
)
def test_a_known_key(text: str, port: int) -> None:
    assert known_keys(text, "Bastion", port).trusts(KEY)


@pytest.mark.parametrize(
    ("text", "port"),
    [
        ("", 22),
        (line("bastion", OTHER), 22),
        (line("other"), 22),
        (line("bastion.example.com"), 22),
        (line("astion"), 22),
        (line("[bastion]:2222"), 22),
        (line("[bastion]:2222"), 2223),
        (f"{line('[bastion]:2222', OTHER)}\n{line('bastion')}", 2222),
        (line("*,!bastion"), 22),
        (line("!bastion,*"), 22),
        (line("b.*"), 22),
        (line(hashed("other")), 22),
        (line(hashed("bastion").replace("|1|", "|2|")), 22),
        (f"@cert-authority {line('bastion')}", 22),
        (f"@unknown {line('bastion')}", 22),
        (f"{line('bastion')}\n@revoked {line('bastion')}", 22),
        (f"{line('[bastion]:2222')}\n@revoked {line('*')}", 2222),
        (f"#{line('bastion')}", 22),
    ],
)
def test_a_key_that_is_not_known(text: str, port: int) -> None:
    assert not known_keys(text, "bastion", port).trusts(KEY)


def test_the_types_of_known_keys_keep_the_order_of_the_file() -> None:
    text = "\n".join([line("bastion", OTHER, "ssh-rsa"), line("*", KEY), line("other", KEY, "ecdsa-sha2-nistp256")])

    assert [kind for kind, _ in known_keys(text, "bastion", 22).trusted] == ["ssh-rsa", "ssh-ed25519"]
