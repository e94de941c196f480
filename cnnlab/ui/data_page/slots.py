"""What the Data page remembers in a session beside its widgets: ids and short texts. Draws nothing."""

from typing import Final

from cnnlab.ui.state import Slot


class DataSession:
    """The slots. Read and write them through `slots`."""

    watched_tasks: Slot[tuple[str, ...]] = Slot(())
    """Tasks whose end is to be told."""
    pace: Slot[tuple[str, float, int]] = Slot(("", 0.0, 0))
    """Stage of the work, when this session first saw it, and how much was done then: for the time that is left."""
    problem: Slot[str | None] = Slot(None)
    """Why the last adding came to nothing; stays until the next one."""
    uploads: Slot[int] = Slot(0)
    """Part of the keys of uploaders: another number empties them."""
    division_of: Slot[int | None] = Slot(None)
    """The data set whose wishes the fields of a new split hold."""
    last_upload: Slot[str] = Slot("")
    """What was taken in last: a double click takes it once."""
    gallery_of: Slot[int | None] = Slot(None)
    """The data set whose class, part and page the gallery shows."""
    wanted_finding: Slot[int | None] = Slot(None)
    """The place of a finding whose files shall be shown now."""
    opened_picture: Slot[str | None] = Slot(None)
    """The picture that is shown large."""


slots: Final = DataSession()
