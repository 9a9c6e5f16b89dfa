"""The dbt adapter for OceanBase. dbt imports this package and reads ``Plugin``, which has the adapter's classes."""

from dbt.adapters.base import AdapterPlugin

from dbt.adapters.oceanbase.column import OceanBaseColumn
from dbt.adapters.oceanbase.connections import OceanBaseConnectionManager
from dbt.adapters.oceanbase.credentials import OceanBaseCredentials
from dbt.adapters.oceanbase.impl import OceanBaseAdapter
from dbt.adapters.oceanbase.relation import OceanBaseRelation
from dbt.include import oceanbase

__all__ = [
    "OceanBaseAdapter",
    "OceanBaseColumn",
    "OceanBaseConnectionManager",
    "OceanBaseCredentials",
    "OceanBaseRelation",
    "Plugin",
]

Plugin = AdapterPlugin(
    adapter=OceanBaseAdapter,  # type: ignore[arg-type]  # dbt's protocol is narrower than its own base class
    credentials=OceanBaseCredentials,
    include_path=oceanbase.PACKAGE_PATH,
)
