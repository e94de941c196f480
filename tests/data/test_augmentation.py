"""Keyed samples: one contract for every transform in the registry."""

import random

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from torchvision.transforms import v2
from torchvision.transforms.functional import to_tensor

from cnnlab.data.augmentation import Augmentation, channel_statistics
from cnnlab.data.operations import fit, middle_of_long
from cnnlab.data.pipeline import PIPELINE_PRESETS, Pipeline, Step, make_pipeline
from cnnlab.data.transforms import get_transform, transform_names
from cnnlab.errors import ConfigError

SIZE = 32
ALWAYS = {"probability": 1.0}


@pytest.fixture(scope="module")
def photo():
    small = np.random.default_rng(0).integers(0, 256, (6, 9, 3), dtype=np.uint8)
    return Image.fromarray(small).resize((90, 60), Image.Resampling.BICUBIC)


def single(name: str, size: int = SIZE, **parameters) -> Augmentation:
    return Augmentation(Pipeline(image_size=size, steps=(Step(name=name, parameters=parameters),)))


def samples(augmentation, working, count=12, **key):
    key = {"seed": 1, "picture_id": "a", **key}
    return [augmentation.sample(working, epoch=epoch, **key) for epoch in range(1, count + 1)]


@pytest.mark.parametrize("name", transform_names())
def test_gives_a_uint8_square_that_depends_only_on_the_key(name, photo):
    parameters = ALWAYS if "probability" in [p.name for p in get_transform(name).parameters] else {}
    augmentation = single(name, **parameters)
    working = augmentation.working(photo)
    first = samples(augmentation, working)
    random.seed(5), np.random.seed(5), torch.manual_seed(5)
    again = samples(single(name, **parameters), working.clone())[::-1][::-1]
    assert all(picture.shape == (3, SIZE, SIZE) and picture.dtype == torch.uint8 for picture in first)
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    if get_transform(name).random and name not in ("horizontal_flip", "vertical_flip", "grayscale"):
        changing = name not in ("sharpness", "autocontrast")  # not random if they are always applied
        assert (len({picture.numpy().tobytes() for picture in first}) > 1) == changing


@pytest.mark.parametrize("name", transform_names())
def test_leaves_the_generator_and_the_working_picture_as_they_were(name, photo):
    augmentation = single(name)
    working = augmentation.working(photo)
    copy, state = working.clone(), torch.get_rng_state()
    samples(augmentation, working, count=3)
    list(augmentation.steps(working, seed=1, epoch=1, picture_id="a"))
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.equal(working, copy)


@pytest.mark.parametrize("name", transform_names())
def test_does_not_depend_on_the_number_of_threads(name, photo):
    augmentation = single(name, size=128)
    working = augmentation.working(photo.resize((300, 200)))
    threads = torch.get_num_threads()
    try:
        torch.set_num_threads(1)
        single_threaded = samples(augmentation, working, count=4)
        torch.set_num_threads(2)
        two_threads = samples(augmentation, working, count=4)
    finally:
        torch.set_num_threads(threads)
    assert all(torch.equal(a, b) for a, b in zip(single_threaded, two_threads, strict=True))


@pytest.mark.parametrize("change", [{"seed": 2}, {"picture_id": "b"}, {"occurrence": 1}])
def test_every_part_of_the_key_counts(change, photo):
    augmentation = single("random_resized_crop")
    working = augmentation.working(photo)
    pairs = zip(samples(augmentation, working), samples(augmentation, working, **change), strict=True)
    assert not any(torch.equal(a, b) for a, b in pairs)


@pytest.mark.parametrize("preset", PIPELINE_PRESETS)
def test_the_traced_sample_is_the_one_of_the_training_loop(preset, photo):
    augmentation = Augmentation(make_pipeline(preset, SIZE))
    working = augmentation.working(photo)
    for epoch in range(1, 6):
        traced = list(augmentation.steps(working, seed=3, epoch=epoch, picture_id="a"))
        assert torch.equal(traced[-1].picture, augmentation.sample(working, seed=3, epoch=epoch, picture_id="a"))


def test_the_cut_is_the_part_that_the_crop_used(photo):
    augmentation = single("random_resized_crop")
    working = augmentation.working(photo)
    for epoch in range(1, 8):
        (step,) = augmentation.steps(working, seed=1, epoch=epoch, picture_id="a")
        left, top, width, height = step.cut
        part = working[:, top : top + height, left : left + width]
        assert torch.equal(v2.functional.resize(part, [SIZE, SIZE], antialias=True), step.picture)


def test_the_cut_of_a_crop_without_scaling_is_part_of_the_picture(photo):
    augmentation = single("random_crop")
    working = augmentation.working(photo)
    (step,) = augmentation.steps(working, seed=1, epoch=1, picture_id="a")
    left, top, width, height = step.cut
    assert torch.equal(working[:, top : top + height, left : left + width], step.picture)


def test_switching_a_step_off_does_not_change_the_randomness_of_the_others(photo):
    crop, turn = Step(name="random_resized_crop"), Step(name="rotation")
    alone = Augmentation(Pipeline(image_size=SIZE, steps=(crop,)))
    both = Augmentation(Pipeline(image_size=SIZE, steps=(Step(name="horizontal_flip", enabled=False), crop, turn)))
    working = alone.working(photo)
    first = next(both.steps(working, seed=1, epoch=1, picture_id="a"))
    assert torch.equal(first.picture, alone.sample(working, seed=1, epoch=1, picture_id="a"))


def test_the_articles_samples_are_those_of_torchvision(photo):
    augmentation = Augmentation(make_pipeline("article", 224))
    whole = torch.from_numpy(np.array(photo)).permute(2, 0, 1).contiguous()
    working = augmentation.working(photo)
    assert torch.equal(working, v2.Resize(256)(whole))
    crop = next(augmentation.steps(working, seed=0, epoch=1, picture_id="a"))
    part = v2.functional.crop(working, crop.cut.top, crop.cut.left, crop.cut.height, crop.cut.width)
    expected = v2.functional.resize(part, [224, 224], antialias=True)
    sample = augmentation.sample(working, seed=0, epoch=1, picture_id="a")
    assert torch.equal(sample, expected) or torch.equal(sample, expected.flip(-1))
    as_in_the_article = to_tensor(sample.permute(1, 2, 0).numpy())
    assert torch.equal(augmentation.normalise(sample), as_in_the_article)


def test_evaluation_skips_random_steps_and_keeps_the_others(photo):
    steps = tuple(Step(name=name) for name in ("random_resized_crop", "to_grayscale"))
    augmentation = Augmentation(Pipeline(image_size=SIZE, steps=steps))
    working = augmentation.working(photo)
    seen = augmentation.evaluate(working)
    expected = v2.Grayscale(3)(v2.functional.center_crop(working, [SIZE, SIZE]))
    assert torch.equal(seen, expected)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 60), st.integers(1, 60), st.sampled_from([8, 32, 33]))
def test_any_shape_is_fitted(width, height, size):
    picture = torch.zeros(3, height, width, dtype=torch.uint8)
    assert fit(middle_of_long(picture), size).shape == (3, size, size)


@pytest.mark.parametrize("preset", PIPELINE_PRESETS)
@pytest.mark.parametrize("size", [(1, 1), (1, 400), (400, 1), (3000, 8)])
def test_extreme_sizes_work(preset, size):
    augmentation = Augmentation(make_pipeline(preset, SIZE))
    working = augmentation.working(Image.new("RGB", size, "red"))
    assert working.numel() < 3 * 40 * 40 * 9
    assert augmentation.sample(working, seed=0, epoch=1, picture_id="a").shape == (3, SIZE, SIZE)
    assert augmentation.evaluate(working).shape == (3, SIZE, SIZE)


def test_normalising_keeps_the_memory_format_and_centres_values():
    augmentation = Augmentation(make_pipeline("light", SIZE))
    batch = torch.randint(0, 256, (4, 3, 8, 8), dtype=torch.uint8).to(memory_format=torch.channels_last)
    values = augmentation.normalise(batch)
    assert values.is_contiguous(memory_format=torch.channels_last)
    expected = v2.functional.normalize(batch / 255, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
    assert torch.allclose(values, expected, atol=1e-6)


def test_the_data_sets_own_statistics_give_mean_zero_and_deviation_one():
    pictures = list(torch.randint(0, 200, (5, 3, 9, 7), dtype=torch.uint8))
    pipeline = Pipeline(image_size=SIZE, normalisation="dataset")
    values = Augmentation(pipeline, channel_statistics(pictures)).normalise(torch.stack(pictures))
    assert values.mean((0, 2, 3)).abs().max() < 1e-4
    assert (values.std((0, 2, 3), correction=0) - 1).abs().max() < 1e-4
    with pytest.raises(ConfigError, match="statistics"):
        Augmentation(pipeline).normalise(torch.stack(pictures))


def test_the_deviation_of_a_uniform_grey_picture_is_not_zero():
    _, deviation = channel_statistics([torch.full((3, 4, 4), 7, dtype=torch.uint8)])
    assert min(deviation) > 0


def test_pipelines_with_equal_leading_steps_share_working_pictures():
    light, article = (Augmentation(make_pipeline(name, 64)) for name in ("light", "article"))
    assert light.working_key == article.working_key
    assert light.working_key != Augmentation(make_pipeline("light", 65)).working_key
