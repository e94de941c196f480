"""What there is to know of each family before it is built: options, presets, geometry, texts. Needs no torch."""
