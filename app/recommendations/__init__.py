"""What is recommended to a member, and why, in the app and beside a beacon."""
