"""News through GraphQL: what is on for a member, and how headquarters publishes and withdraws it."""
