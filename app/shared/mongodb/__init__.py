"""MongoDB as Tsunagu uses it: its server, commands, transactions, reads that are shared, writes in groups."""
