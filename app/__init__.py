"""Tsunagu without its GraphQL API: a package for each domain, what they share, what starts and serves it."""
