"""What a purchase earns: the rules of points, and campaigns for a time."""
