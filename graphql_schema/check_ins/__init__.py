"""Check-ins through GraphQL: a visit, what it earned, and those before it."""
