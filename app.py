"""CNN Lab: start with `streamlit run app.py`. The frame with the Home page in it."""

from cnnlab.ui import shell
from cnnlab.ui.home import page


def home() -> None:
    """What CNN Lab is, and where to start."""
    page.render()


shell.run(home)
