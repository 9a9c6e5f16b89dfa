"""Faults between a client and a server: a TCP proxy, an ODP-like proxy, rogue peers, a link that goes down, a SIGKILL.

Nothing here imports dbt or the adapter.
"""
