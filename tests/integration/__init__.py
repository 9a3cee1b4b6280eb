"""Services on a real MongoDB, with both drivers: what they promise, in races and under faults."""
