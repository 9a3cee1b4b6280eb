"""Coupons through GraphQL: the wallet, claims, what is in the way of a use, and uses at the till."""
