"""Make TLS contexts, and keep them, since reading the system's CA file takes most of the time of a connect."""

from __future__ import annotations

import os
import ssl

from ..errors import TlsFailed, one_line
from ..options import TlsOptions

VERIFIED = frozenset({"verify_ca", "verify_identity"})
"""The values of ``ssl_mode`` with which the server's certificate is verified."""


_contexts: dict[TlsOptions, tuple[list[int | None], ssl.SSLContext]] = {}
"""The TLS contexts by their options, each with the modification times of its CA, certificate and key files.

A time is in nanoseconds, or None if the file could not be found.
"""


def context(options: TlsOptions) -> ssl.SSLContext | None:
    """Return the TLS context for ``options``, or None if TLS is disabled.

    Without ``options.ca`` the system's trust store is used. In that case ``verify_ca`` checks the host name as well,
    since otherwise any holder of a publicly trusted certificate would be accepted.

    Equal options get the same context until the CA, certificate or key file changes. The files are then read again. If
    the changed files cannot be used, perhaps because only one of them has been replaced yet, the earlier context is
    returned. Raises TlsFailed if the files cannot be used and there is no earlier context.
    """
    if options.mode == "disabled":
        return None
    modified = [_modified(file) for file in (options.ca, options.cert, options.key) if file]
    known = _contexts.get(options)
    if known is not None and known[0] == modified:
        return known[1]
    try:
        made = _build(options)
    except TlsFailed:
        if known is None:
            raise
        return known[1]
    _contexts[options] = modified, made
    return made


def _modified(file: str) -> int | None:
    try:
        return os.stat(file).st_mtime_ns
    except OSError:  # reading the file in _build raises the same error
        return None


def _build(options: TlsOptions) -> ssl.SSLContext:
    try:
        made = ssl.create_default_context(cafile=options.ca)
        if options.cert:
            # without this argument, OpenSSL would ask for the password of an encrypted key on the terminal
            made.load_cert_chain(options.cert, options.key, password=b"")
    except (OSError, ValueError) as error:
        text = f"ssl_ca, ssl_cert or ssl_key cannot be used (2026): {one_line(str(error), 120)}; check the files"
        raise TlsFailed(f"{text}, and that ssl_key is not encrypted", 2026) from error
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    if options.ca:
        # Python 3.13 sets this flag, and certificates that MySQL servers generate fail its checks
        made.verify_flags &= ~ssl.VERIFY_X509_STRICT
    verified = options.mode in VERIFIED
    made.check_hostname = options.mode == "verify_identity" or (verified and not options.ca)
    made.verify_mode = ssl.CERT_REQUIRED if verified else ssl.CERT_NONE
    return made


def is_required(options: TlsOptions) -> bool:
    """Check whether ``options`` forbid a connection without TLS."""
    return options.mode not in ("disabled", "preferred")
