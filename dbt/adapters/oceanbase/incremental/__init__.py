"""Incremental models: strategies, and types that change."""
