"""Descriptions of the families: options, presets, geometry and texts. Does not import torch."""
