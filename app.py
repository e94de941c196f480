"""CNN Lab: type `streamlit run app.py`. The frame, and the home page in it."""

from cnnlab.ui import shell
from cnnlab.ui.home import draw


def home() -> None:
    """What this is, and where to begin."""
    draw()


shell.run(home)
