"""Secrets in statements become stars, and nothing else does."""

from __future__ import annotations

import pytest

from dbt.adapters.oceanbase.sql.statement import Statement, without_secrets

WORD = "s3cr3t"

WITH_PASSWORD = [
    "create user u identified by 's3cr3t'",
    "create user u IDENTIFIED BY PASSWORD 's3cr3t'",
    "create user u IdEnTiFiEd with mysql_native_password as 's3cr3t'",
    "create user u identified with mysql_native_password by 's3cr3t'",
    "create user u identified with 'mysql_native_password' by 's3cr3t'",
    "create user u identified /* c */ by '*s3cr3t'",
    "create user u identified -- c\n by 's3cr3t'",
    "/* it's */ create user u identified by 's3cr3t'",
    "create user u comment 'identified by' identified by 's3cr3t'",
    'alter user u identified by "s3cr3t"',
    "alter user u identified by 'x' replace 's3cr3t'",
    "create user u identified by 'x', v identified by 's3cr3t'",
    "grant select on *.* to u identified by 's3cr3t' with grant option",
    "set password for 'u'@'%' = 's3cr3t'",
    "set password = 's3cr3t'",
    "set password = password('s3cr3t')",
    "set password for u = passwort('s3cr3t')",
    "select password('s3cr3t')",
    "select old_password ( 's3cr3t' )",
    "select password(concat('x', 's3cr3t'))",
    "update users set password = 's3cr3t'",
    "create user u identified by 'it''s3cr3t\\'s3cr3t'",
    "create user u identified by 's3cr3t",
    "create user u identified by 's3cr3t\\",
    "create user u identified by 'x''s3cr3t",
    "create user u identified bye 's3cr3t'",
    "create user u idetified by 's3cr3t'",
    "craete user u identified bye 's3cr3t'",
    "create user u identified by s3cr3t-and-m'or'e",
    "set decryption identified by 'a', 's3cr3t'",
    "select 1 -- create user u identified by 's3cr3t'",
    "prepare p from 'create user u identified by ''s3cr3t'''",
    "create procedure p() begin create user u identified by 's3cr3t'; end",
    "set @p = 's3cr3t'",
    "set @a = 1, @`p q` := concat('x', 's3cr3t')",
    'set time_zone = "+00:00", @p="s3cr3t"',
    "select @p := 's3cr3t'",
    "select 1 -- set @p = 's3cr3t'",
    "create procedure p() begin set @p = 's3cr3t'; end",
    "call p('s3cr3t')",
    "select 's3cr3t' into @p from t where a = 'x'",
    "select concat('x', a, \"s3cr3t\"), 1 from t into @p, @q",
    "with a as (select 's3cr3t' as b) select b from a into /* p */ @p",
    "create procedure p() begin declare a int; select 's3cr3t' into @p; end",
    "call a.p(1, concat('x', 's3cr3t'), @x)",
    "select aes_encrypt(name, 's3cr3t') from t",
    "insert into t select hex(AES_ENCRYPT('x', concat('s3cr3t', id))), 'y' from t",
    'create view v as select aes_decrypt(unhex(a), /* key */ "s3cr3t") as a from t',
    "select decode(a, 's3cr3t'), encode ( a, 's3cr3t' ) from t",
    'alter system set external_kms_info = \'{"ak": "s3cr3t"}\'',
    'alter system set ssl_external_kms_info=\'{"ssl_mode":"file","key":"s3cr3t"}\' tenant = all',
    "change master to master_host = 'h', master_password = 's3cr3t'",
    "alter system set log_restore_source = 'SERVICE=10.0.0.1:2881 USER=rep@t PASSWORD=s3cr3t'",
    "alter system add restore source 'SERVICE=10.0.0.1:2881 USER=rep@t PASSWORD=s3cr3t'",
    "create procedure p() begin call dbms_ai_service.create_ai_model('e', '{\"access_key\": \"s3cr3t\"}'); end",
    r"create event e on schedule every 1 day do call a.b('{\"access_key\" : \"s3cr3t\"}')",
    "create external table t (a int) location = 'oss://b/?access_id=s3cr3t&access_key=s3cr3t'",
    "create external table t (a int) properties = (access_id := 's3cr3t', access_key:='s3cr3t', sts_token : 's3cr3t')",
    "create external table t (a int) properties = (accessid = 's3cr3t', ACCESSKEY='s3cr3t', ststoken = \"s3cr3t\")",
]

WITHOUT = [
    "select 1",
    "select 'x' as password",
    "select password, 'x' from identified",
    "update t set password_id = 1",
    "select identified, 'x', replace(a, 'y', 'z') from password where token in ('a')",
    "create table t as select identified, 'x' as y from z where identified like 'a%'",
    "insert into t (password) values ('x')",
    "grant select, insert on `a`.`b` to 'u', 'v'@'10.%'",
    "drop user if exists 'u'@'%'",
    "create user if not exists 'u', 'v'@'%'",
    "/* it's */ select 'identified'",
    "set time_zone = '+00:00', names = 'x'",
    "set @@session.time_zone = '+00:00'",
    "select aes_encrypt(a, b), 'x' from t",
    "select (aes_encrypt(a, b)), concat('x', 'y'), decode from t where encode = 'z'",
    "select a from t where @p = 'x'",
    "select 'x' into a",
    "insert into t select 'x', @a from u where b = 0x7333",
    "create procedure p() begin select 'x'; select 1 into @p; select 'y'; end",
    "select a, '0x7333' from t where b = 0x7333 and c = 0b01",
    "create user 'u'@'0x73'",
    "select access_id::text, password, concat('x', 'y') from t",
    "select count(*) from t where password = 'x' and 'restored'",
]


@pytest.mark.parametrize("sql", WITH_PASSWORD)
def test_secrets_are_stars(sql: str) -> None:
    text = without_secrets(sql)

    assert WORD not in text
    assert "***" in text


@pytest.mark.parametrize("sql", [sql for sql in WITH_PASSWORD if "into" not in sql or "crypt" in sql.lower()])
def test_a_statement_that_is_cut_shows_no_secret(sql: str) -> None:
    assert not [end for end in range(len(sql)) if WORD in without_secrets(sql[:end])]


@pytest.mark.parametrize("secret", ["0x73336372", "0X73336372", "0b0111001101110011", "x'73336372'", "b'01110011'"])
@pytest.mark.parametrize("sql", [sql for sql in WITH_PASSWORD if f"'{WORD}'" in sql and "''" not in sql])
def test_secrets_that_are_written_as_bytes_are_stars(sql: str, secret: str) -> None:
    text = without_secrets(sql.replace(f"'{WORD}'", secret))

    assert secret.strip("xb'") not in text
    assert "***" in text


@pytest.mark.parametrize("sql", WITHOUT)
def test_other_statements_stay_as_they_are(sql: str) -> None:
    assert without_secrets(sql) == sql


@pytest.mark.parametrize(
    ("sql", "shown"),
    [
        (
            "create user 'u'@'10.%', 'v' identified by 'x', 'w'@'%' identified by 'y' account lock",
            "create user 'u'@'10.%', 'v' identified by '***', 'w'@'%' identified by '***' account lock",
        ),
        ("set password for 'u' = 'x'", "set password for 'u' = '***'"),
        ("grant r to 'u' identified by 'it''s'", "grant r to 'u' identified by '***'"),
    ],
)
def test_names_stay(sql: str, shown: str) -> None:
    assert without_secrets(sql) == shown


@pytest.mark.parametrize("sql", [each for each in WITH_PASSWORD if each.startswith(("create user", "alter", "set"))])
def test_a_piece_that_the_server_repeats_has_no_secret(sql: str) -> None:
    """The piece begins at any word, also inside a literal that is never closed, and ends anywhere."""
    starts = [start for start in range(len(sql)) if start == 0 or not sql[start - 1 : start + 1].isalnum()]
    pieces = {sql[start:end] for start in starts for end in range(start, len(sql) + 1) if WORD[:4] in sql[start:end]}

    shown = [Statement(sql).redact_answer(f"syntax error near '{piece}' at line 1") for piece in pieces]

    assert shown
    assert not [each for each in shown if WORD[:4] in each]


def test_what_the_server_repeats_otherwise_than_it_was_sent_is_not_shown() -> None:
    said = Statement("create user u identified bye 's3cr3t'").redact_answer("syntax error near 'S3CR3T' at line 1")

    assert said == "syntax error near '***' at line 1"


def test_what_the_server_repeats_of_other_statements_is_shown() -> None:
    assert Statement("select 1 foo").redact_answer("error near 'foo' at line 1") == "error near 'foo' at line 1"
