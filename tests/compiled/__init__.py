"""The plans of official operations, against what graphql-core answers."""
