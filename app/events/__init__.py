"""Events in the order in which partners read them, and who may be told which."""
