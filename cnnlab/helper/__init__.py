"""The process with torch that pages ask, and the torch-free tasks that they start."""
