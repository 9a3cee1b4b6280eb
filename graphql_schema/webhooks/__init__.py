"""Webhooks through GraphQL: a partner's endpoints, and each attempt to deliver to them."""
