"""Sessions: the driver's connection, the settings that are sent once, and each use of the connection."""
