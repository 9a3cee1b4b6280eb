"""Offers through GraphQL: their terms and conditions as input, their versions, previews and segments."""
