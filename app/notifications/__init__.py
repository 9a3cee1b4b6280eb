"""What the worker tells members: of their orders, their coupons and the news, in the inbox and by push."""
