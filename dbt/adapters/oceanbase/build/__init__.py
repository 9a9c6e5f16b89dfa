"""Build the relation of a node: check its configs, and create staging tables, constraints, foreign keys and grants."""
