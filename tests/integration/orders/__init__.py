"""Orders ahead, their carts, slots, receipts and refunds."""
