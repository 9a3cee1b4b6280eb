"""What is noticed about an operation while it runs: figures, traces, commands to MongoDB."""
