"""Connections through an SSH bastion (jump host)."""
