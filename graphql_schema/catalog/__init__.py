"""Products through GraphQL: the search and its facets, categories, and batches that bring them up to date."""
