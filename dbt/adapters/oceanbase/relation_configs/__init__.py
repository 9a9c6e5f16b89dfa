"""The physical design of a table, such as indexes and partitions, as configs of a model.

The modules parse the configs, render them as SQL, read the design of an existing table from the server, and compare it
with the configs.
"""
