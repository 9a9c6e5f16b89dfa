"""Where dbt finds this adapter's macros for dbt packages."""

import os

PACKAGE_PATH = os.path.dirname(__file__)
