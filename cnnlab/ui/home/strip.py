"""Six bundled pictures being augmented, shown on the first visit: files made by `make_strip`, animated by CSS.

Nothing is computed for them, so the first paint is not delayed; with reduced motion, the originals stay in view.
"""

import base64
from functools import cache
from pathlib import Path
from typing import Final

import streamlit as st

ASSETS: Final = Path(__file__).parent / "assets"
PICTURES: Final = 6
FRAMES: Final = 5
"""The drawing itself and four samples of it."""
SIDE: Final = 160
SECONDS: Final = 1.6
"""How long each sample is shown."""

_STYLE: Final = f"""
.cnnlab-strip {{ display: flex; gap: 8px; margin: 0; padding: 0; }}
.cnnlab-strip div {{ flex: 1 1 0; min-width: 0; aspect-ratio: 1; overflow: hidden;
  border-radius: 8px; }}
.cnnlab-strip img {{ display: block; height: 100%; width: {100 * FRAMES}%; max-width: none;
  animation: cnnlab-strip {FRAMES * SECONDS}s steps({FRAMES}, end) infinite; }}
@keyframes cnnlab-strip {{ to {{ transform: translateX(-100%); }} }}
@media (prefers-reduced-motion: reduce) {{ .cnnlab-strip img {{ animation: none; }} }}
"""


def render() -> None:
    """Render the strip, or nothing if the files are missing."""
    html = _html()
    if html:
        st.html(html)
        st.caption(
            "The same six drawings, varied a little in every epoch, so that a network learns what makes an animal "
            "and does not memorise these pictures."
        )


@cache
def _html() -> str:
    files = sorted(ASSETS.glob("strip_*.webp"))
    tiles = "".join(
        f'<div><img alt="{_alt(index)}" src="data:image/webp;base64,{base64.b64encode(file.read_bytes()).decode()}" '
        f'style="animation-delay: {index * SECONDS / PICTURES - SECONDS:.2f}s"></div>'
        for index, file in enumerate(files)
    )
    return f'<style>{_STYLE}</style><div class="cnnlab-strip">{tiles}</div>' if tiles else ""


def _alt(index: int) -> str:
    animal = ("poodle", "Siamese cat")[index % 2]
    return f"A drawn {animal}, repeatedly cropped, flipped and recoloured"
