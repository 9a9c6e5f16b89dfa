"""A session: the driver, its settings, one use of a connection."""
