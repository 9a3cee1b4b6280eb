"""Members through GraphQL: `me` with the profile, card and rank, and new guests."""
