import numpy as np
import pytest
from PIL import Image

from cnnlab.data.samples import painting, poodle, props, siamese_cat
from cnnlab.data.samples.canvas import BOARD_PX, Canvas, Pen
from cnnlab.data.samples.contact_sheet import contact_sheet
from cnnlab.data.samples.shapes import ellipse


def test_both_animals_and_the_composition_have_the_same_poses() -> None:
    assert list(poodle.POSES) == list(siamese_cat.POSES) == list(painting.EXTENTS)


@pytest.mark.parametrize("pose", list(painting.EXTENTS))
@pytest.mark.parametrize("class_name", list(painting.ANIMALS))
def test_the_mask_is_where_the_animal_was_painted(class_name: str, pose: str) -> None:
    paper = (1, 2, 3)
    canvas = Canvas(Image.new("RGB", (BOARD_PX, BOARD_PX), paper), (0.6, -0.8))
    painting.ANIMALS[class_name](Pen(canvas, BOARD_PX / 2, 430, 330), np.random.default_rng(0), pose)
    painted = (np.asarray(canvas.image) != paper).any(axis=2)
    masked = np.asarray(canvas.mask) > 127
    # Contours and whiskers lie outside the shapes that make up the mask.
    assert (masked & ~painted).sum() == 0
    assert masked.sum() > 0.85 * painted.sum()


@pytest.mark.parametrize(
    "prop", [*dict.fromkeys((*props.OUTDOOR_PROPS, *props.INDOOR_PROPS, props.box, props.snow_heap))]
)
def test_a_prop_in_front_is_cut_out_of_the_mask(prop: props.Prop) -> None:
    canvas = Canvas(Image.new("RGB", (BOARD_PX, BOARD_PX)), (0.6, -0.8))
    Pen(canvas, 0, 0, 1).paint(ellipse(256, 256, 500, 500), colour=(9, 9, 9))
    whole = np.asarray(canvas.mask).copy()
    prop(Pen(canvas, 0, 0, BOARD_PX, cover=0), np.random.default_rng(0))
    assert 0.003 < (whole != np.asarray(canvas.mask)).mean() < 0.4


@pytest.mark.parametrize("scene", painting.SCENES, ids=lambda scene: scene.paint.__name__)
def test_a_scene_fills_the_whole_board(scene: painting.Scene) -> None:
    backdrop = scene.paint(np.random.default_rng(0)).finished(1.0)
    assert backdrop.size == (BOARD_PX, BOARD_PX)
    assert np.asarray(backdrop).std() > 2


def test_a_shape_outside_the_board_is_not_painted() -> None:
    canvas = Canvas(Image.new("RGB", (BOARD_PX, BOARD_PX)), (0.6, -0.8))
    assert Pen(canvas, -900, 0, 1).paint(ellipse(0, 0, 50, 50), colour=(255, 0, 0)) is None
    assert canvas.image.getbbox() is None


def test_the_contact_sheet_has_the_requested_size() -> None:
    sheet = contact_sheet(columns=2, rows=1, seed=0, tile_px=64)
    assert sheet.size == (146, 76)
