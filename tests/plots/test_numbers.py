import pytest

from cnnlab.plots.numbers import count, duration, percent, size, three_digits


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.6931471805, "0.693"), (12.345, "12.3"), (1234.5, "1,234"), (0, "0"), (0.00012345, "0.000123"),
        (1.5e-7, "1.50e-07"), (None, "–"), (float("nan"), "not a number"), (float("inf"), "infinite"), (100.0, "100"),
        (-0.5, "-0.5"), (999.7, "1,000"),
    ],
)  # fmt: skip
def test_numbers_have_three_digits(value, text):
    assert three_digits(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "–"), (0.25, "0.25 s"), (59.4, "59 s"), (72.4, "1 min 12 s"), (3_725, "1 h 2 min"), (90_000, "1 d 1 h"),
        (59.9, "1 min 0 s"),
    ],
)  # fmt: skip
def test_durations_are_given_in_the_two_largest_units(seconds, text):
    assert duration(seconds) == text


def test_large_numbers_have_a_unit_prefix():
    assert count(1_590_000) == "1.59 M"
    assert count(8_200_000_000) == "8.2 G"
    assert count(40) == "40"
    assert count(999_999) == "1 M"
    assert size(435_000_000) == "435 MB"
    assert size(12) == "12 B"
    assert percent(0.9412) == "94.1 %"
