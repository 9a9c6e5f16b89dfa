"""Helpers for tests: start engines, run dbt in a separate process, and check the database independently of dbt."""
