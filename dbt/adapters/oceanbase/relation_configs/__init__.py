"""The physical design of a table, such as indexes and partitions, which the configs of a model describe.

The modules parse the configs, render them as SQL, read the design of an existing table from the server, and compare it
with the configs. One part of the design, such as the indexes, is called a component and has a class of its own, which
inherits from ``Component``.
"""
