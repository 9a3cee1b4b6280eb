"""The member card through GraphQL: its rotating code, and tills that verify it."""
