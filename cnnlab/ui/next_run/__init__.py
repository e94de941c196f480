"""The run being prepared: its data set and split, its network, its pipeline and its settings."""
