"""The physical design of a table as configs: parse, render, read back from the server, and compare."""
