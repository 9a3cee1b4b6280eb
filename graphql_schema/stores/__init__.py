"""Stores through GraphQL: near a place, by words, with their hours."""
