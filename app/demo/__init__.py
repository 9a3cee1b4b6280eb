"""The demo retailer Koharu: stores, products, members and their history, made by a seed."""
