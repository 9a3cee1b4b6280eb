"""Carts: what a member means to order, at the store she chose; nothing is held for it."""
