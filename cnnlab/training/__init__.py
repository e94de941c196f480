"""Training: configurations, the loop as a generator of events, checkpoints."""
