"""Partners through GraphQL: what headquarters makes, lists and changes."""
