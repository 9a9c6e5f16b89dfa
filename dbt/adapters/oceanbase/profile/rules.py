"""Check a profile as a whole, including which of its fields may be given together. The entry point is ``checked``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..connect.options import DEFAULT_PORT, SessionOptions, TlsOptions
from .checks import AUTO
from .fields import FIELDS, TCP
from .values import boolean, invalid, is_given, misnamed, shown, split_endpoint, unknown

PLACES = (*TCP, "unix_socket", "path")
"""Fields that name a server or an embedded engine. A profile has exactly one, or ``host`` with ``hosts: auto``."""

_TLS_DETAILS = ("ssl_ca", "ssl_cert", "ssl_key", "ssl_server_name")

_OTHER_NAMES = {
    "pass": "password",
    "passwd": "password",
    "username": "user",
    "server": "host",
    "hostname": "host",
    "socket": "unix_socket",
    "db": "schema",
    "dbname": "schema",
    "retries": "connect_retries",
    "retry_times": "connect_retries",
    "connect_timeout_seconds": "connect_timeout",
    "sslca": "ssl_ca",
    "ssl": "ssl_mode",
    "ssl_disabled": "ssl_mode",
    "ssl_verify_cert": "ssl_mode",
    "ssl_verify_identity": "ssl_mode",
}
"""Names of fields in other adapters and drivers, with the name of the same field here."""


def checked(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields ``given`` in a profile, as a new dict of the field names and the converted values.

    For example, the port ``"3306"`` becomes 3306. Raises ``ValidationError`` with a message of one line for the first
    problem: an unknown field, a wrong value, a missing field (the schema, a server, or the user), or fields that do not
    fit together (two exclude each other, or one needs another).

    A field that is None or an empty text is left out. An empty ``sql_mode`` is kept, because it means no mode at all.
    ``database`` is renamed to ``schema``. ``standard_comments``, an older field, becomes ``standard_sql`` with the
    value ``comments`` for true and ``false`` for false. Three fields get defaults: ``port`` beside ``host``, ``user``
    for the embedded engine, and ``ssl_mode`` always. If the result is checked again, it does not change.
    """
    fields = _with_standard_sql(_with_database_as_schema(given))
    for name in fields:
        if name not in FIELDS:
            right = _OTHER_NAMES.get(str(name).lower())
            raise misnamed(name, right) if right else unknown(name, FIELDS)
    found = {
        name: FIELDS[name].check(name, value)
        for name, value in fields.items()
        if is_given(value) or (name == "sql_mode" and value == "")
    }
    if "schema" not in found:
        raise invalid("schema is missing: name the OceanBase database that models are built in")
    _check_place(found)
    _check_login(found)
    _check_tls(found)
    _check_collation(found)
    _check_connections(found)
    return found


def _with_database_as_schema(given: Mapping[str, Any]) -> dict[str, Any]:
    fields = dict(given)
    database, schema = fields.pop("database", None), fields.get("schema")
    if is_given(database):
        if is_given(schema) and schema != database:
            values = f"database is {shown(database)} and schema {shown(schema)}"
            raise invalid(f"{values}: both name the OceanBase database, so keep schema only")
        fields["schema"] = database
    return fields


def _with_standard_sql(given: dict[str, Any]) -> dict[str, Any]:
    """Return ``given`` with the older field ``standard_comments`` replaced by ``standard_sql``.

    If ``standard_comments`` is true, ``standard_sql`` becomes ``comments``. If it is false, ``standard_sql`` becomes
    ``false``. Raise ValidationError if both fields are given.
    """
    fields = dict(given)
    comments = fields.pop("standard_comments", None)
    if is_given(comments):
        if is_given(fields.get("standard_sql")):
            raise invalid("standard_comments and standard_sql are given together: keep standard_sql only")
        fields["standard_sql"] = "comments" if boolean("standard_comments", comments) else "false"
    return fields


def _check_place(found: dict[str, Any]) -> None:
    discovers = found.get("hosts") == [AUTO]
    given = [name for name in PLACES if name in found and not (name == "hosts" and discovers)]
    if discovers and given != ["host"]:
        raise invalid("hosts auto needs host: the server that is asked first for all servers of the tenant")
    if not given:
        raise invalid("no server is named: give host, hosts, unix_socket or path (folder of the embedded engine)")
    if len(given) > 1:
        raise invalid(f"{' and '.join(given)} are given together, and each names a server: keep one")
    place = given[0]
    for name in FIELDS:
        if name in found:
            _check_field_fits_place(name, found, place, discovers)
    if place == "hosts" and "port" in found and all(split_endpoint(host)[1] for host in _servers(found)):
        raise invalid("port has no meaning where every entry of hosts has its own: remove it")
    if place == "host":
        found.setdefault("port", DEFAULT_PORT)
    if place == "path":
        found.setdefault("user", "root")
    found.setdefault("ssl_mode", TlsOptions().mode if place in TCP else "disabled")


def _check_field_fits_place(name: str, found: dict[str, Any], place: str, discovers: bool) -> None:
    places = FIELDS[name].only_with
    is_off = name == "ssl_mode" and found[name] == "disabled"
    fits = not places or place in places or (discovers and "hosts" in places)
    if not fits and not is_off:
        raise invalid(f"{name} has no meaning with {place}, only with {' or '.join(places)}: remove it")


def _servers(found: dict[str, Any]) -> list[str]:
    return [host for host in found.get("hosts", ()) if host != AUTO]


def _check_login(found: dict[str, Any]) -> None:
    user = found.get("user")
    if user is None:
        raise invalid("user is missing: name the database user, such as root or dbt")
    for part in ("tenant", "cluster"):
        if part in found and ("@" in user or "#" in user):
            raise invalid(f"user {shown(user)} names a tenant, and {part} is given too: keep one of them")
    if "cluster" in found and "tenant" not in found:
        raise invalid(f"cluster {shown(found['cluster'])} needs tenant: the login is user@tenant#cluster")
    if "password" in found and "password_command" in found:
        raise invalid("password and password_command are given together: keep one")


def _check_tls(found: dict[str, Any]) -> None:
    mode = found["ssl_mode"]
    details = [name for name in _TLS_DETAILS if name in found]
    if details and mode == "disabled":
        raise invalid(f"{details[0]} has no meaning with ssl_mode disabled: choose another mode or remove it")
    if "ssl_ca" in found and mode not in ("verify_ca", "verify_identity"):
        raise invalid(f"ssl_ca has no meaning with ssl_mode {mode}: set ssl_mode to verify_identity")
    for name, other in (("ssl_cert", "ssl_key"), ("ssl_key", "ssl_cert")):
        if name in found and other not in found:
            raise invalid(f"{name} needs {other}: a client certificate has both")


def _check_collation(found: dict[str, Any]) -> None:
    collation = found.get("collation", "").lower()
    charset = found.get("charset", SessionOptions().charset).lower()
    family = "utf8mb4" if charset == "utf8" else charset  # utf8 is another name of utf8mb4 in OceanBase
    if collation and not collation.startswith(f"{family}_"):
        raise invalid(f"collation {collation} is not of charset {charset}: choose {family}_..., or set charset")


def _check_connections(found: dict[str, Any]) -> None:
    if found.get("connection_mode") == "new" and "pool" in found:
        raise invalid("pool has no meaning with connection_mode new, which keeps no connection: remove one of them")
