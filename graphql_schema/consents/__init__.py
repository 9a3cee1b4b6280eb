"""Consents through GraphQL: what a member allows us, and her decisions so far."""
