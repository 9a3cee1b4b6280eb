"""Staff and the devices of stores: who they are, how they sign in by PIN, and what managers may change."""
