"""Where dbt finds this adapter's macros and profile templates."""

import os

PACKAGE_PATH = os.path.dirname(__file__)
