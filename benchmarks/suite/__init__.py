"""The benchmark suite: whole dbt processes of this adapter and its peers, in turn, on the same cases."""
