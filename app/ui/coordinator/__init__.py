"""The coordinator's window: a reader study from its protocol to its results."""
