"""Every code in the tables: its class, whether it is retried, and one line with address, code and remedy."""

from __future__ import annotations

import socket
import ssl
import struct

import pymysql
import pytest

from dbt.adapters.oceanbase.connect import codes, errors
from dbt.adapters.oceanbase.connect.options import Endpoint

PLACE = Endpoint("ob1.example.com", 2883)
LOGIN = "dbt@analytics#obdemo"

RETRYABLE = {
    errors.HostUnreachable: {2002, 2003, 2006, 2013, 2055, 1053, 4012, 4038, 4654, 8001, 8002},
    errors.ServerBusy: {1040, 1203, 1226, 4013, 4019, 4030},
}
FATAL = {
    errors.LoginRejected: {1044, 1045, 1049, 1130, 1227, 1251, 1524, 2059, 2061, 4669, 5157},
    errors.TenantElsewhere: {1290, 5150},
    errors.TlsFailed: {2026},
}
CASES = [
    *((code, cls, True) for cls, found in RETRYABLE.items() for code in sorted(found)),
    *((code, cls, False) for cls, found in FATAL.items() for code in sorted(found)),
]


def test_the_cases_are_the_whole_table() -> None:
    assert {code for code, _, _ in CASES} == set(codes.OPENING)


@pytest.mark.parametrize(("code", "cls", "retryable"), CASES)
def test_an_error_of_opening(code: int, cls: type[errors.ConnectError], retryable: bool) -> None:
    raised = pymysql.err.OperationalError(code, "what the server said")

    error = codes.opening_error(raised, PLACE, LOGIN)

    text = str(error)
    assert type(error) is cls
    assert error.retryable is retryable
    assert (error.code, error.host) == (code, str(PLACE))
    assert str(PLACE) in text
    assert f"({code})" in text
    assert text.endswith(codes.OPENING[code].remedy)
    assert len(text) <= 300
    assert "\n" not in text


@pytest.mark.parametrize("code", sorted(codes.OPENING))
def test_names_of_any_length_leave_room_for_code_and_remedy(code: int) -> None:
    place, login = Endpoint("h" * 253, 65535), "u" * 128 + "@" + "t" * 64 + "#" + "c" * 64

    text = str(codes.opening_error(pymysql.err.OperationalError(code, "x" * 500), place, login))

    assert len(text) <= 300
    assert "65535" in text
    assert f"({code})" in text
    assert text.endswith(codes.OPENING[code].remedy)


@pytest.mark.parametrize("code", sorted(FATAL[errors.LoginRejected] | FATAL[errors.TenantElsewhere]))
def test_a_refused_login_names_the_login(code: int) -> None:
    assert f"as '{LOGIN}'" in str(codes.opening_error(pymysql.err.OperationalError(code, ""), PLACE, LOGIN))


@pytest.mark.parametrize(
    "code", sorted(set(codes.OPENING) - FATAL[errors.LoginRejected] - FATAL[errors.TenantElsewhere])
)
def test_any_other_error_does_not(code: int) -> None:
    assert LOGIN not in str(codes.opening_error(pymysql.err.OperationalError(code, ""), PLACE, LOGIN))


def test_an_unknown_code_is_fatal_and_keeps_what_the_server_said() -> None:
    error = codes.opening_error(pymysql.err.OperationalError(9999, "never\nheard of"), PLACE, LOGIN)

    assert type(error) is errors.ConnectError
    assert not error.retryable
    assert not error.elsewhere
    assert "(9999): never heard of; see the server's log" in str(error)


@pytest.mark.parametrize("code", [10000, 10001, 10100, 10299])
def test_a_code_of_odp_alone_is_not_tried_again(code: int) -> None:
    error = codes.opening_error(pymysql.err.OperationalError(code, "what ODP said"), PLACE, LOGIN)

    assert type(error) is errors.ConnectError
    assert (error.retryable, error.elsewhere, error.capacity) == (False, False, False)
    assert f"({code}): what ODP said; " in str(error)


@pytest.mark.parametrize(("cls", "found"), [*RETRYABLE.items(), *FATAL.items()])
def test_which_errors_lead_to_another_host_or_a_longer_wait(cls: type[errors.ConnectError], found: set[int]) -> None:
    for code in found:
        error = codes.opening_error(pymysql.err.OperationalError(code, ""), PLACE, LOGIN)
        elsewhere = cls in (errors.HostUnreachable, errors.ServerBusy, errors.TenantElsewhere)
        assert (error.elsewhere, error.capacity) == (elsewhere, cls is errors.ServerBusy)


def test_the_cause_of_2003_is_shown() -> None:
    raised = pymysql.err.OperationalError(2003, "Can't connect")
    raised.original_exception = ConnectionRefusedError(111, "Connection refused")

    assert "cannot connect: Connection refused (2003)" in str(codes.opening_error(raised, PLACE, LOGIN))


def test_a_certificate_error_that_comes_as_2003_is_one_of_tls() -> None:
    raised = pymysql.err.OperationalError(2003, "Can't connect")
    raised.original_exception = ssl.SSLCertVerificationError(1, "[SSL: CERTIFICATE_VERIFY_FAILED]")

    error = codes.opening_error(raised, PLACE, LOGIN)

    assert type(error) is errors.TlsFailed
    assert not error.retryable


@pytest.mark.parametrize(
    ("code", "is_name"), [(62, True), (64, True), (10, False)], ids=["host name", "IP address", "expired"]
)
def test_a_certificate_for_another_name_names_the_config_to_set(code: int, is_name: bool) -> None:
    raised = ssl.SSLCertVerificationError(1, "[SSL: CERTIFICATE_VERIFY_FAILED]")
    raised.verify_code, raised.verify_message = code, f"certificate is not valid for '{'x' * 200}'"

    error = codes.tls_failed(raised, Endpoint("h" * 200))

    assert type(error) is (errors.TlsNameMismatch if is_name else errors.TlsFailed)
    assert ("set ssl_server_name to a name in the certificate" in str(error)) == is_name
    assert "check ssl_ca, ssl_mode and the server's certificate" in str(error)


@pytest.mark.parametrize(
    "raised",
    [
        pymysql.err.InternalError("Packet sequence number wrong - got 80 expected 0"),
        struct.error("unpack requires a buffer of 4 bytes"),
        IndexError("index out of range"),
        ValueError("invalid literal for int()"),
    ],
)
def test_a_greeting_that_is_none(raised: Exception) -> None:
    error = codes.opening_error(raised, PLACE, LOGIN)

    assert type(error) is errors.NotMySQL
    assert not error.retryable
    assert "no MySQL protocol on ob1.example.com:2883" in str(error)
    assert len(str(error)) <= 300


@pytest.mark.parametrize(
    ("raised", "cls", "retryable"),
    [
        (ConnectionRefusedError(111, "Connection refused"), errors.HostUnreachable, True),
        (TimeoutError("timed out"), errors.HostUnreachable, True),
        (OSError(113, "No route to host"), errors.HostUnreachable, True),
        (socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution"), errors.HostUnreachable, True),
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), errors.HostUnknown, False),
        (UnicodeError("label empty or too long"), errors.HostUnknown, False),
    ],
)
def test_a_socket_that_does_not_open(raised: Exception, cls: type[errors.ConnectError], retryable: bool) -> None:
    error = codes.unreachable(raised, PLACE, 10)

    assert type(error) is cls
    assert error.retryable is retryable
    assert error.elsewhere
    assert str(PLACE) in str(error)
    assert "check" in str(error)
    assert error.code in (2003, 2013)


def test_a_missing_unix_socket_names_the_field() -> None:
    error = codes.unreachable(FileNotFoundError(2, "No such file or directory"), Endpoint(unix_socket="/run/x"), 1)

    assert str(error).startswith("cannot connect to /run/x (2002): No such file or directory; check unix_socket")


@pytest.mark.parametrize("code", [2006, 2013, 2055, 1927, 4064, 5066, 0, 8000, 8001, 8002, 8999])
def test_a_lost_link_is_known_by_code(code: int) -> None:
    assert errors.is_link_lost(pymysql.err.OperationalError(code, ""))


def test_a_stream_out_of_step_is_a_lost_link() -> None:
    assert errors.is_link_lost(pymysql.err.InternalError("Packet sequence number wrong - got 3 expected 1"))


@pytest.mark.parametrize("code", [1205, 1213, 1317, 4012, 6002, 7999, 9000, 4031])
def test_a_failed_statement_is_no_lost_link(code: int) -> None:
    assert not errors.is_link_lost(pymysql.err.OperationalError(code, ""))


def test_only_driver_errors_have_codes() -> None:
    assert errors.code_of(OSError(2006, "an errno, not a code")) is None
    assert errors.code_of(pymysql.err.OperationalError(1045, "")) == 1045
    assert errors.code_of(pymysql.err.InternalError("no code")) is None


def test_a_long_text_keeps_its_ends() -> None:
    text = errors.one_line("a" * 400 + "\n z" * 100, 100)

    assert len(text) == 100
    assert text.startswith("aaa")
    assert text.endswith("z z")


@pytest.mark.parametrize("raised", [ConnectionResetError(104, "Connection reset by peer"), OSError("cut")])
def test_a_link_that_breaks_while_tls_is_set_up_is_tried_again(raised: OSError) -> None:
    error = codes.tls_cut(raised, PLACE)

    assert type(error) is errors.HostUnreachable
    assert (error.code, error.host) == (2013, str(PLACE))
    assert f"TLS to {PLACE} was cut off (2013): {raised.strerror or raised}; " in str(error)
    assert str(error).endswith("or set ssl_mode disabled")
