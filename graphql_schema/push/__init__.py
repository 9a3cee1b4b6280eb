"""Push through GraphQL: the devices that take it, and what they have shown."""
