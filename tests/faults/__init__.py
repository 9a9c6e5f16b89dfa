"""Cause faults between a client and a server, by proxies, malicious servers, unplugged networks and killed servers.

The modules of this package do not import dbt or the adapter.
"""
