"""Cause faults between a client and a server: proxies, malicious servers, a network link that goes down, SIGKILL.

No module here imports dbt or the adapter.
"""
