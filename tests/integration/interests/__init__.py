"""What members like, what is learnt of it, and what is recommended."""
