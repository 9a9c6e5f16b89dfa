"""Helpers of the tests: engines, dbt as a process, the database seen from outside."""
