"""Push: the devices that take it, and the two services that deliver it."""
