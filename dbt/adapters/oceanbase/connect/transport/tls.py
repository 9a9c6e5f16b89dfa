"""One ``SSLContext`` per options: building one reads the system's CA file and costs most of a connect."""

from __future__ import annotations

import os
import ssl

from ..errors import TlsFailed, one_line
from ..options import TlsOptions

VERIFIED = frozenset({"verify_ca", "verify_identity"})
"""Modes in which the server has proven who it is."""


_made: dict[TlsOptions, tuple[list[int | None], ssl.SSLContext]] = {}
"""The contexts, and the times at which their files were written."""


def context(options: TlsOptions) -> ssl.SSLContext | None:
    """Give the context for ``options``, the same object for equal options and files; None when TLS is disabled.

    Without ``ca`` the system's trust store is used, and host names are then checked in both verifying modes: any
    holder of a public certificate would pass ``verify_ca`` otherwise. Files that were renewed are read again; while
    they do not fit together yet, the context is the one before. Raises TlsFailed when a file cannot be read at first.
    """
    if options.mode == "disabled":
        return None
    written = [_written(file) for file in (options.ca, options.cert, options.key) if file]
    known = _made.get(options)
    if known is not None and known[0] == written:
        return known[1]
    try:
        made = _build(options)
    except TlsFailed:
        if known is None:
            raise
        return known[1]
    _made[options] = written, made
    return made


def _written(file: str) -> int | None:
    try:
        return os.stat(file).st_mtime_ns
    except OSError:  # which reading it will say
        return None


def _build(options: TlsOptions) -> ssl.SSLContext:
    try:
        made = ssl.create_default_context(cafile=options.ca)
        if options.cert:
            # without a password of ours OpenSSL asks on the terminal for that of an encrypted key, and waits
            made.load_cert_chain(options.cert, options.key, password=b"")
    except (OSError, ValueError) as error:
        text = f"ssl_ca, ssl_cert or ssl_key cannot be used (2026): {one_line(str(error), 120)}; check the files"
        raise TlsFailed(f"{text}, and that ssl_key is not encrypted", 2026) from error
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    if options.ca:
        # certificates that MySQL servers make for themselves lack what Python 3.13 newly demands
        made.verify_flags &= ~ssl.VERIFY_X509_STRICT
    verified = options.mode in VERIFIED
    made.check_hostname = options.mode == "verify_identity" or (verified and not options.ca)
    made.verify_mode = ssl.CERT_REQUIRED if verified else ssl.CERT_NONE
    return made


def is_required(options: TlsOptions) -> bool:
    """Tell whether a plain link must be refused."""
    return options.mode not in ("disabled", "preferred")
