"""Custom constraints of a contract are found in the result of SHOW CREATE TABLE."""

from __future__ import annotations

import pytest

from dbt.adapters.oceanbase.incremental.custom_constraints import has_custom

TABLE = """CREATE TABLE `t` (
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `n` int(11) DEFAULT '0',
  `ratio` decimal(5,2) DEFAULT '-1.50',
  `word` varchar(10) COLLATE utf8mb4_bin NOT NULL DEFAULT 'it''s',
  `at` datetime DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP COMMENT 'new',
  `flag` tinyint(1) DEFAULT '1',
  `day` datetime DEFAULT '2024-01-10 00:00:00',
  `latin` varchar(10) CHARACTER SET gbk DEFAULT 'charset x',
  `odd ``name` int(11) GENERATED ALWAYS AS (`n` + 1) VIRTUAL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `words` (`word`, `n`) BLOCK_SIZE 16384 LOCAL,
  KEY `by_ratio` (`ratio`) BLOCK_SIZE 16384 LOCAL,
  FULLTEXT KEY `read` (`latin`) WITH PARSER ngram BLOCK_SIZE 16384 LOCAL,
  CONSTRAINT `t_OBCHECK_1` CHECK ((`n` < 100))
) AUTO_INCREMENT = 1 AUTO_INCREMENT_MODE = 'ORDER' DEFAULT CHARSET = utf8mb4 COMPRESSION = 'zstd_1.3.8'"""


@pytest.mark.parametrize(
    ("expression", "column", "expected"),
    [
        ("auto_increment", "id", True),
        ("AUTO_INCREMENT PRIMARY KEY", "ID", True),
        ("auto_increment", "n", False),
        ("default 0", "n", True),
        ("default 1", "n", False),
        ("check (n < 100)", "n", True),
        ("default -1.50", "ratio", True),
        ("default 'it''s'", "word", True),
        ('default "it\'s"', "word", True),
        ("default 'IT''S'", "word", False),
        ("default 'zstd_1.3.8'", "word", False),
        ("unique", "word", True),
        ("unique", "at", False),
        ("default now() on update now()", "at", True),
        ("default 'new'", "at", True),
        ("generated always as (n+1)", "odd `name", True),
        ("default 'new'", "missing", True),
        ("unique key words (word, n)", "", True),
        ("unique (n, word)", "", True),
        ("unique key words (word, id)", "", False),
        ("unique key others (word, n)", "", False),
        ("fulltext index f (word)", "", False),
        ("constraint small check (n < 100)", "", False),
        ("", "", True),
        ("index by_ratio (ratio)", "", True),
        ("index (ratio asc) using btree local", "", True),
        ("key (at)", "", False),
        ("index by_other (ratio)", "", False),
        ("unique index (word)", "", True),
        ("unique index (ratio)", "", False),
        ("constraint words unique (word, n)", "", True),
        ("constraint anything primary key (id)", "", True),
        ("fulltext index read (latin) with parser ngram", "", True),
        ("fulltext index (word)", "", False),
        ("default true", "flag", True),
        ("default false", "flag", False),
        ("null default 1.0", "flag", True),
        ("default 10", "flag", False),
        ("default -1.5", "ratio", True),
        ("default .5", "ratio", False),
        ("default '2024-01-10'", "day", True),
        ("default '2024-01-11'", "day", False),
        ("default null", "day", True),
        ("not null", "word", True),
        ("not null", "day", False),
        ("character set utf8mb4 collate utf8mb4_bin", "word", True),
        ("charset utf8 collate = utf8mb4_general_ci", "word", False),
        ("character set utf8mb4", "flag", True),
        ("collate utf8mb4_bin default 'charset x'", "latin", True),
        ("charset = gbk", "latin", True),
        ("character set utf8mb4", "latin", False),
    ],
)
def test_has_custom(expression: str, column: str, expected: bool) -> None:
    assert has_custom(TABLE, expression, column) is expected
