"""Sessions: the driver's connection, its settings, and one use of it."""
