"""Incremental models: their strategies, and changes of the types of their columns."""
