"""Declare the fields of a dbt profile, check their values, and check which fields may be given together."""
