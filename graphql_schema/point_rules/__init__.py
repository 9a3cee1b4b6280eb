"""Point rules through GraphQL: what a purchase earns, and campaigns for a time."""
