"""The home page, panel by panel."""

from cnnlab.ui.home.page import draw

__all__ = ["draw"]
