"""Refuse profiles with ``type: obmysql``, the adapter type of the releases of dbt-oceanbase before 2.0.

dbt imports the module that is named like the type of a profile. A package of this name, which those releases have, is
imported instead of this module where both are installed.
"""

from dbt_common.exceptions import DbtRuntimeError

raise DbtRuntimeError(
    "type: obmysql: dbt-oceanbase 2.0 has another adapter type: write type: oceanbase, and password for pass, schema "
    "for dbname (docs/migrating-from-obmysql.md has all that changes)"
)
