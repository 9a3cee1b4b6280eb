"""The cart through GraphQL: what a member means to order, and each change of it."""
