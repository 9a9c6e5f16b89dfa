"""Who may create a schema, by the lines of SHOW GRANTS."""

from __future__ import annotations

import pytest

from dbt.adapters.oceanbase.catalog.debug_report import may_create


@pytest.mark.parametrize(
    ("grant", "may"),
    [
        ("GRANT ALL PRIVILEGES ON *.* TO 'root' WITH GRANT OPTION", True),
        ("GRANT CREATE ON *.* TO 'u'", True),
        ("GRANT SELECT, CREATE, DROP ON `marts`.* TO 'u'", True),
        ("GRANT ALL PRIVILEGES ON `Marts`.* TO 'u'", True),
        ("GRANT CREATE ON `mar%`.* TO 'u'", True),
        ("GRANT CREATE ON `mart_`.* TO 'u'", True),
        ("GRANT USAGE ON *.* TO 'u'", False),
        ("GRANT SELECT, CREATE VIEW, CREATE USER ON *.* TO 'u'", False),
        ("GRANT ALL PRIVILEGES ON `other`.* TO 'u'", False),
        ("GRANT CREATE ON `mart\\_`.* TO 'u'", False),
        ("GRANT CREATE ON `mart`.* TO 'u'", False),
        ("GRANT CREATE ON `marts`.`t` TO 'u'", False),
        ("GRANT `r` TO 'u'", False),
    ],
)
def test_who_may_create_a_schema(grant: str, may: bool) -> None:
    assert may_create("marts", ["GRANT USAGE ON *.* TO 'u'", grant]) is may
