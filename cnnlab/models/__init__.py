"""The three families of convolutional networks: their descriptions, the networks, and their inspection."""
