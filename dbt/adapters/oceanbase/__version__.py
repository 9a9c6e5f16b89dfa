"""The version of the package. dbt and the build read it."""

# There is no dot before "dev", because dbt reads a semantic version. The package index shows it as 2.0.0.dev0.
version = "2.0.0dev0"
