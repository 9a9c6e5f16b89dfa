"""Start and set up the embedded engine, an OceanBase kernel that this process starts when it needs one."""
