"""What the worker learns from events: interests, and which SKUs are liked by the same members."""
