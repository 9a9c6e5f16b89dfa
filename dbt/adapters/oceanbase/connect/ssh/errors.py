"""Make the errors of connections through a bastion. Their texts name the address, the reason and the remedy.

The parameter ``options`` of the functions has the options of the bastion. The codes are error codes of MySQL clients:
2003 if connecting failed, 2013 if a connection was lost or got no answer.
"""

from __future__ import annotations

from ..errors import HostUnreachable, TunnelFailed, TunnelUnreachable, one_line
from ..options import Endpoint, SshOptions

OWN_KNOWN_HOSTS = "~/.ssh/known_hosts"

MAX_PLACE = 50
"""Maximum characters of an address in an error's text.

A longer address is shortened in the middle, to leave room for the end of the text, which says what to do.
"""

MAX_FILE = 50
"""Maximum characters of a file name in an error's text. A longer name loses its middle."""

MAX_REASON = 90
"""Maximum characters of a reason in an error's text, such as ``Connection refused``. A longer one loses its middle."""


def file(name: str) -> str:
    """Return the file name ``name``, shortened for an error's text."""
    return one_line(name, MAX_FILE)


def place(what: SshOptions | Endpoint) -> str:
    """Return the address of ``what``, a bastion or a server, shortened for an error's text."""
    return one_line(str(what), MAX_PLACE)


def failed(options: SshOptions, text: str) -> TunnelFailed:
    """Return a TunnelFailed with the message ``text`` for the bastion of ``options``. The caller raises it.

    It is for causes that waiting does not remove: the bastion refused something, the ``ssh`` settings are wrong, or
    paramiko is missing. See ``unreachable`` and ``unanswered`` for a bastion that does not answer.
    """
    return TunnelFailed(text, None, str(options))


def paramiko_missing(options: SshOptions, error: ImportError) -> TunnelFailed:
    """Return the error to raise if importing paramiko fails with ``error``."""
    reason = one_line(str(error), MAX_REASON)
    return failed(options, f"ssh needs paramiko ({reason}): run pip install 'paramiko>=3.5,<6'")


def unreachable(options: SshOptions, error: Exception) -> TunnelUnreachable:
    """Return the error to raise if connecting to the bastion fails with ``error``, an OSError or UnicodeError."""
    reason = one_line(getattr(error, "strerror", None) or str(error), MAX_REASON)
    remedy = "check ssh.host, ssh.port and that the bastion is running"
    text = f"ssh.host: cannot connect to {place(options)} (2003): {reason}; {remedy}"
    return TunnelUnreachable(text, 2003, str(options))


def unanswered(options: SshOptions, seconds: float) -> TunnelUnreachable:
    """Return the error to raise if the bastion has not answered within ``seconds``."""
    remedy = "check that the bastion is running, or raise connect_timeout"
    text = f"ssh.host: no answer of {place(options)} within {seconds:.3g} s (2013); {remedy}"
    return TunnelUnreachable(text, 2013, str(options))


def dropped(options: SshOptions, reason: str, remedy: str = "check that the bastion is running") -> TunnelUnreachable:
    """Return the error to raise if the connection to the bastion was lost, or the bastion has no room for a new one.

    ``reason`` says what happened, and ``remedy`` what the user can do.
    """
    text = f"ssh.host: {place(options)} dropped the link (2013): {one_line(reason, MAX_REASON)}; {remedy}"
    return TunnelUnreachable(text, 2013, str(options))


def not_reached(endpoint: Endpoint, options: SshOptions) -> HostUnreachable:
    """Return the error to raise if the bastion could not connect to the server at ``endpoint``."""
    remedy = "check host and port as the bastion sees them, and that the server is running"
    text = f"cannot connect to {place(endpoint)} through {place(options)} (2003): it could not reach it; {remedy}"
    return HostUnreachable(text, 2003, str(endpoint))


def late(endpoint: Endpoint, options: SshOptions, seconds: float) -> HostUnreachable:
    """Return the error to raise if the bastion answers, but has not connected to ``endpoint`` within ``seconds``."""
    remedy = "check host and port as the bastion sees them, or raise connect_timeout"
    text = f"{place(endpoint)} through {place(options)}: no connection within {seconds:.3g} s (2003); {remedy}"
    return HostUnreachable(text, 2003, str(endpoint))
