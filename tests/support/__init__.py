"""Helpers for tests: engines, dbt as a separate process, connections that check the database independently of dbt."""
