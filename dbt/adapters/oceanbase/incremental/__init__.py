"""Build incremental models and snapshots: strategies, changes of the columns of tables, and contracts."""
