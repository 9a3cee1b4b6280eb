"""Staff through GraphQL: their sign-in on a store's device, and what managers may change of both."""
