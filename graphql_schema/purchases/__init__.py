"""Purchases through GraphQL: receipts and returns from tills, a member's history, and what tills go by."""
