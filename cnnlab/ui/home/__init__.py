"""The home page, panel by panel."""
