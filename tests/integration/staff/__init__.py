"""Staff, the devices of stores, and partners."""
