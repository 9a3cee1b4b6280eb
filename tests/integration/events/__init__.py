"""Events, as partners read them and as they are posted."""
