"""Sessions through GraphQL: a member's own, renewed and ended."""
