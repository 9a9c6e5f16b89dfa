"""Start and set up the embedded engine, an OceanBase kernel that runs on this machine without a server."""
