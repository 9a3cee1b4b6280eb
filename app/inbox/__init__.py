"""A member's inbox: news and her own messages together."""
