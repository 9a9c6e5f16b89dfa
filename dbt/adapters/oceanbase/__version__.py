"""Version of the distribution, read by dbt and by the build."""

version = "2.0.0.dev0"
