"""Version of the distribution, read by dbt and by the build."""

# without a dot before "dev": dbt reads versions as semantic ones; for the package index it is 2.0.0.dev0
version = "2.0.0dev0"
