"""Stock through GraphQL: movements that are reported, levels, availability, and both live."""
