"""Data sets: from a folder of pictures to batches of tensors. Every public name lives in a module of this package."""
