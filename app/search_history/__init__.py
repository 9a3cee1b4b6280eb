"""A member's recent searches, kept while she allows it."""
