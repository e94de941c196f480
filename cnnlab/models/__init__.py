"""The three families of convolutional networks: descriptions that need no torch, the networks, and their inspection."""
