"""What the Data page remembers in a session besides its widgets: ids and short texts."""

from typing import Final

from cnnlab.ui.state import Slot


class DataSession:
    """The slots. Read and write them through `slots`."""

    watched_tasks: Slot[tuple[str, ...]] = Slot(())
    """Tasks whose end will be reported."""
    pace: Slot[tuple[str, float, int]] = Slot(("", 0.0, 0))
    """Stage of the work, when this session first saw it, and how much was done then; for estimating the time left."""
    problem: Slot[str | None] = Slot(None)
    """Why the last attempt to add pictures failed; kept until the next attempt."""
    uploads: Slot[int] = Slot(0)
    """Part of the uploaders' keys: a new number empties them."""
    split_fields_of: Slot[int | None] = Slot(None)
    """The data set that the fields for a new split belong to."""
    last_upload: Slot[str] = Slot("")
    """The last upload that was added, so that a double click adds it once."""
    gallery_of: Slot[int | None] = Slot(None)
    """The data set whose class, part and page the gallery shows."""
    wanted_finding: Slot[int | None] = Slot(None)
    """Index of a finding whose files to show now."""
    opened_picture: Slot[str | None] = Slot(None)
    """The picture that is shown large."""


slots: Final = DataSession()
