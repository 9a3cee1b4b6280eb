"""Interests through GraphQL: what a member did in the app, and what she is taken to like."""
