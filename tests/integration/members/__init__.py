"""Members and guests: cards, sign-in, sessions, consents, merging."""
