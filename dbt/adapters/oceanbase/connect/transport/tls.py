"""The TLS context of a set of options, built once: it reads the system's CA file, which takes most of a connect."""

from __future__ import annotations

import os
import ssl

from ..errors import TlsFailed, one_line
from ..options import TlsOptions

VERIFIED = frozenset({"verify_ca", "verify_identity"})
"""Modes in which the server's certificate is verified."""


_contexts: dict[TlsOptions, tuple[list[int | None], ssl.SSLContext]] = {}
"""The contexts, each with the modification times of its files."""


def context(options: TlsOptions) -> ssl.SSLContext | None:
    """Return the context for ``options``, the same object for equal options and files, or None if TLS is disabled.

    Without ``ca`` the system's trust store is used. Host names are then checked also for ``verify_ca``, since any
    holder of a public certificate would pass otherwise. Files that have changed are read again; as long as they do not
    fit together, the earlier context is returned. Raises TlsFailed if a file cannot be used the first time.
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
    except OSError:  # the error is raised when the file is read
        return None


def _build(options: TlsOptions) -> ssl.SSLContext:
    try:
        made = ssl.create_default_context(cafile=options.ca)
        if options.cert:
            # without a password, OpenSSL would ask for that of an encrypted key on the terminal
            made.load_cert_chain(options.cert, options.key, password=b"")
    except (OSError, ValueError) as error:
        text = f"ssl_ca, ssl_cert or ssl_key cannot be used (2026): {one_line(str(error), 120)}; check the files"
        raise TlsFailed(f"{text}, and that ssl_key is not encrypted", 2026) from error
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    if options.ca:
        # Python 3.13 sets this flag, and certificates that MySQL servers generate do not pass it
        made.verify_flags &= ~ssl.VERIFY_X509_STRICT
    verified = options.mode in VERIFIED
    made.check_hostname = options.mode == "verify_identity" or (verified and not options.ca)
    made.verify_mode = ssl.CERT_REQUIRED if verified else ssl.CERT_NONE
    return made


def is_required(options: TlsOptions) -> bool:
    """Check whether a link without TLS must be refused."""
    return options.mode not in ("disabled", "preferred")
