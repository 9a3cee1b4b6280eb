"""Recent searches through GraphQL: read and forgotten."""
