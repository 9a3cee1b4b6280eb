"""Sign-in through GraphQL: a code that is sent, and what a guest brings along."""
