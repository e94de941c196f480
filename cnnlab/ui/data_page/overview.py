"""A data set in figures: counts, sizes, and a bar for each class with its parts."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Final

import streamlit as st

from cnnlab.data.records import Picture
from cnnlab.plots.bars import PART_TITLES, class_bars, class_bars_text
from cnnlab.runs.picture_table import PictureTable
from cnnlab.store.records import DataSetRecord
from cnnlab.ui import keys, wording
from cnnlab.ui.live_figure.figures import figure

MAX_NAMED: Final = 12
MAX_HEIGHT: Final = 240
"""Pixels; taller charts scroll."""


def render_figures(dataset: DataSetRecord, table: PictureTable) -> None:
    """Render the row of figures."""
    small, large = table.smallest_and_largest or (None, None)
    with st.container(horizontal=True, gap="medium", key="data_figures"):
        st.metric(
            "Pictures", f"{dataset.images:,}", width="content", help=f"In {wording.escape_markdown(dataset.path)}"
        )
        st.metric(
            "Classes",
            f"{len(dataset.classes):,}",
            width="content",
            help=wording.escape_markdown(_names(dataset.classes)),
        )
        for title, picture in (("Smallest", small), ("Largest", large)):
            size, name = ("–", "") if picture is None else (_size(picture), f"{picture.label}/{picture.path.name}")
            st.metric(title, size, width="content", help=f"Width x height in pixels: {wording.escape_markdown(name)}")
        st.metric(
            "Unreadable",
            f"{len(dataset.unreadable):,}",
            width="content",
            help="Files that could not be decoded; they are left out and listed below.",
        )


def render_bars(counts: Mapping[str, Mapping[str, int]]) -> None:
    """Render a bar for each class."""
    chart = class_bars(counts)
    height = int(chart.layout.height)
    with st.container(height=MAX_HEIGHT if height > MAX_HEIGHT else "content", border=height > MAX_HEIGHT):
        figure(chart, keys.DATA_BARS, class_bars_text(counts), csv=lambda: _csv(counts), filename="classes")


def parts_line(counts: Mapping[str, Mapping[str, int]]) -> str:
    """The pictures of each part in words: `195 training, 49 validation`."""
    totals = {part: sum(parts[part] for parts in counts.values()) for part in PART_TITLES}
    return ", ".join(f"{totals[part]:,} {title}" for part, title in PART_TITLES.items() if totals[part])


def _size(picture: Picture) -> str:
    return f"{picture.width} x {picture.height}"


def _names(classes: Sequence[str]) -> str:
    more = len(classes) - MAX_NAMED
    return ", ".join(classes[:MAX_NAMED]) + (f" and {more} more" if more > 0 else "")


def _csv(counts: Mapping[str, Mapping[str, int]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["class", *PART_TITLES.values()])
    writer.writerows([name, *(parts[part] for part in PART_TITLES)] for name, parts in counts.items())
    return text.getvalue()
