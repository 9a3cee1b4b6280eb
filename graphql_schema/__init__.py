"""The GraphQL API: a package for each domain with its types, queries and mutations; it holds no rule."""
