"""What `python -m app` can do at the command line."""
