"""What `scripts/bench` measures: the API against plain routes by hand, and its promises under faults."""
