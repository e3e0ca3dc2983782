"""Keys: which action has which, how a reader changes that, and how they are shown."""
