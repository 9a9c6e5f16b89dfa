"""Parse OpenSSH's ``known_hosts`` format.

paramiko's own parser is not used, because it does not match patterns such as ``*.example.com``, and raises
InvalidHostKey for a file with a ``@cert-authority`` or ``@revoked`` line (seen with 3.5 and 5.1).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterator
from dataclasses import dataclass

SSH_PORT = 22


@dataclass(frozen=True, slots=True)
class KnownKeys:
    """The public keys of one host in a known_hosts file, as bytes in the format of the SSH protocol.

    ``trusted`` has pairs of key type and key, in the order of the file. ``revoked`` has the keys marked as
    ``@revoked``.
    """

    trusted: tuple[tuple[str, bytes], ...] = ()
    revoked: frozenset[bytes] = frozenset()

    def trusts(self, key: bytes) -> bool:
        """Check whether ``key`` is a trusted key of the host and is not revoked."""
        return key not in self.revoked and any(key == known for _, known in self.trusted)


def known_keys(text: str, host: str, port: int) -> KnownKeys:
    """Return the keys of ``host`` in ``text``, the content of a known_hosts file.

    If ``port`` is 22, the host is looked up as ``host``. For any other port it is looked up as ``[host]:port``, and as
    ``host`` only if ``[host]:port`` has no keys. The command ``ssh`` does the same. A key that is revoked for one of
    these two names is revoked. Lines with the marker ``@cert-authority`` and lines that cannot be parsed are ignored.
    """
    host = host.lower()
    bare, exact = host, host if port == SSH_PORT else f"[{host}]:{port}"
    entries = list(_entries(text))
    trusted = {
        name: tuple((kind, key) for marker, names, kind, key in entries if not marker and _names(names, name))
        for name in (exact, bare)
    }
    revoked = (
        key
        for marker, names, _, key in entries
        if marker == "@revoked" and (_names(names, exact) or _names(names, bare))
    )
    return KnownKeys(trusted[exact] or trusted[bare], frozenset(revoked))


def _entries(text: str) -> Iterator[tuple[str, str, str, bytes]]:
    for line in text.split("\n"):
        fields = line.split()
        if not fields or fields[0].startswith("#"):
            continue
        marker = fields.pop(0) if fields[0].startswith("@") else ""
        if len(fields) < 3:
            continue
        names, kind, key = fields[:3]
        try:
            yield marker, names, kind, base64.b64decode(key, validate=True)
        except ValueError:
            continue


def _names(names: str, host: str) -> bool:
    """Check whether the first field of a known_hosts line matches ``host``.

    This field, ``names``, is a list of host patterns or the hash of one host name.
    """
    if names.startswith("|"):
        return _is_hash_of(names, host)
    found = False
    for pattern in names.lower().split(","):
        glob = re.escape(pattern.removeprefix("!")).replace(r"\*", ".*").replace(r"\?", ".")
        if re.fullmatch(glob, host):
            if pattern.startswith("!"):
                return False
            found = True
    return found


def _is_hash_of(names: str, host: str) -> bool:
    parts = names.split("|")
    try:
        _, version, salt, digest = parts
        made = hmac.new(base64.b64decode(salt), host.encode(), hashlib.sha1).digest()
        return version == "1" and hmac.compare_digest(made, base64.b64decode(digest))
    except ValueError:
        return False
