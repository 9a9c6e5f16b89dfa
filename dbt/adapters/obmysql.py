"""Refuse profiles with ``type: obmysql``, the adapter type of the releases of dbt-oceanbase before 2.0.

dbt imports the module ``dbt.adapters.<type>``, and this one raises an error that names the remedy. If a release before
2.0 is installed as well, its package ``obmysql`` is imported instead of this module.
"""

from dbt_common.exceptions import DbtRuntimeError

raise DbtRuntimeError(
    "type: obmysql: dbt-oceanbase 2.0 has another adapter type: write type: oceanbase, and password for pass, schema "
    "for dbname (docs/migrating-from-obmysql.md has all that changes)"
)
