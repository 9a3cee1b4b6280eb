"""News: what headquarters publishes, and whom it is for."""
