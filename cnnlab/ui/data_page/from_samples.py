"""Pictures that come with the lab: drawings of two animals, and handwritten digits."""

from typing import Final

import streamlit as st

from cnnlab.ui import keys
from cnnlab.ui.data_page import work
from cnnlab.ui.data_page.offer import Offer
from cnnlab.ui.messages import guard_callback

TITLES: Final = {"drawings": "Drawings", "digits": "Digits"}
HELP: Final = {
    "drawings": "Drawn poodles and Siamese cats, each one different.",
    "digits": "Real handwritten digits from 0 to 9, 8 x 8 pixels, about 180 of each.",
}
PER_CLASS: Final = 60
MAX_PER_CLASS: Final = 2_000


def render() -> Offer:
    """Render the choice."""
    name = st.segmented_control(
        "Pictures",
        list(TITLES),
        default="drawings",
        format_func=TITLES.__getitem__,
        key=keys.DATA_SAMPLES,
        help="\n".join(f"- **{TITLES[sample]}**: {HELP[sample]}" for sample in TITLES),
        required=True,
        width="stretch",
        persist_state="session",
    )
    left, right = st.columns(2)
    per_class = left.number_input(
        "Per class",
        min_value=4,
        max_value=MAX_PER_CLASS,
        value=PER_CLASS,
        step=20,
        key=keys.DATA_PER_CLASS,
        help="Pictures in each class. Sixty are enough to see a small network learn.",
        persist_state="session",
    )
    seed = right.number_input(
        "Seed",
        min_value=0,
        max_value=2**31 - 1,
        step=1,
        key=keys.DATA_SEED,
        help="A different seed gives different drawings; the digits are real and stay the same.",
        persist_state="session",
    )
    chosen = str(name)
    st.caption(HELP[chosen])
    return Offer(
        label=f"Add {chosen}", icon=":material/draw:", act=lambda: add(chosen, per_class=int(per_class), seed=int(seed))
    )


def add(name: str = "drawings", *, per_class: int = PER_CLASS, seed: int = 0) -> None:
    """Start making bundled pictures."""
    with guard_callback("pictures"):
        work.start("samples", {"samples": name, "per_class": per_class, "seed": seed})
