"""Every picture is decoded upright and in RGB, or rejected with a reason."""

import io
import struct
import warnings
import zlib

import numpy as np
import pillow_heif
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from cnnlab.data import decoding
from cnnlab.data.decoding import decode, decode_with_size
from cnnlab.errors import PictureError

FORMATS = {"PNG": 0, "JPEG": 12, "WEBP": 12, "TIFF": 0, "BMP": 0, "GIF": 40, "JPEG2000": 3, "PPM": 0, "TGA": 0,
           "AVIF": 16, "HEIF": 16, "ICO": 0}  # fmt: skip


def corners(width=60, height=40) -> Image.Image:
    """Red at the top left, green at the top right, blue at the bottom left, white at the bottom right."""
    pixels = np.full((height, width, 3), 255, dtype=np.uint8)
    pixels[: height // 2, : width // 2] = (255, 0, 0)
    pixels[: height // 2, width // 2 :] = (0, 255, 0)
    pixels[height // 2 :, : width // 2] = (0, 0, 255)
    return Image.fromarray(pixels)


def saved(image: Image.Image, kind: str, **options) -> bytes:
    pillow_heif.register_heif_opener()
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("kind", FORMATS)
def test_every_supported_format_is_read(kind):
    image = corners(64, 64)
    decoded = decode_with_size(saved(image, kind))
    assert decoded.image.mode == "RGB"
    assert (decoded.width, decoded.height) == decoded.image.size == (64, 64)
    difference = np.abs(np.asarray(decoded.image, int) - np.asarray(image, int))
    assert np.median(difference) <= FORMATS[kind]


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("short_side", [None, 16])
def test_exif_orientation_is_undone(orientation, short_side):
    turns = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # the transposition that undoes ours
    image = corners(480, 320)
    stored = image if orientation == 1 else image.transpose(Image.Transpose(turns[orientation]))
    exif = Image.Exif()
    exif[0x0112] = orientation
    decoded = decode_with_size(saved(stored, "JPEG", exif=exif), short_side=short_side)
    assert (decoded.width, decoded.height) == (480, 320)
    width, height = decoded.image.size
    assert decoded.image.getpixel((width // 4, height // 4))[0] > 200
    assert decoded.image.getpixel((width // 4, height // 4))[1] < 60
    assert decoded.image.getpixel((3 * width // 4, height // 4))[1] > 200
    assert decoded.image.getpixel((width // 4, 3 * height // 4))[2] > 200


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "PPM"])
def test_sixteen_bits_are_scaled_not_clipped(kind):
    ramp = np.linspace(0, 65535, 256).astype(np.uint16).reshape(1, 256).repeat(4, 0)
    decoded = np.asarray(decode(saved(Image.fromarray(ramp), kind)))
    assert (decoded[0, :, 0] == np.arange(256)).all()
    assert (decoded[..., 0] == decoded[..., 2]).all()


@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (0.0, 255.0), (-3.0, 900.0)])
def test_floats_use_the_whole_range(low, high):
    ramp = np.linspace(low, high, 256, dtype=np.float32).reshape(1, 256)
    ramp = np.concatenate([ramp, ramp])
    decoded = np.asarray(decode(saved(Image.fromarray(ramp), "TIFF")))
    assert np.abs(decoded[0, :, 1].astype(int) - np.arange(256)).max() <= 1


def test_not_a_number_becomes_black():
    decoded = decode(saved(Image.fromarray(np.array([[np.nan, 1.0]], dtype=np.float32)), "TIFF"))
    assert [decoded.getpixel((x, 0))[0] for x in (0, 1)] == [0, 255]


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA"])
def test_transparent_parts_become_white(mode):
    image = Image.new("RGBA", (4, 4), (200, 0, 0, 0)).convert("LA" if mode != "RGBA" else "RGBA")
    if mode == "PA":
        image = Image.new("P", (4, 4), 0)
        image.putpalette([0, 0, 0, 9, 9, 9])
        image.info["transparency"] = 0
    options = {"transparency": 0} if mode == "PA" else {}
    assert decode(saved(image, "PNG", **options)).getpixel((1, 1)) == (255, 255, 255)


def test_half_transparent_red_becomes_pink():
    assert decode(saved(Image.new("RGBA", (2, 2), (255, 0, 0, 128)), "PNG")).getpixel((0, 0)) == (255, 127, 127)


def test_a_transparent_sixteen_bit_grey_becomes_white():
    values = np.array([[1000, 40000]], dtype=np.uint16)
    plain = saved(Image.fromarray(values), "PNG")
    chunk = b"tRNS" + struct.pack(">H", 1000)
    chunk = struct.pack(">I", 2) + chunk + struct.pack(">I", zlib.crc32(chunk))
    offset = plain.index(b"IDAT") - 4
    decoded = decode(plain[:offset] + chunk + plain[offset:])
    assert [decoded.getpixel((x, 0))[0] for x in (0, 1)] == [255, 156]


@pytest.mark.parametrize("mode", ["1", "L", "P", "CMYK", "LAB", "YCbCr", "I", "F"])
def test_odd_modes_are_converted_to_rgb(mode):
    image = Image.new("RGB", (4, 3), "white") if mode == "LAB" else corners(4, 4).convert(mode)
    if mode == "LAB":
        image = Image.new("LAB", (4, 4), (255, 128, 128))
    assert decode(saved(image, "TIFF")).mode == "RGB"
    if mode == "LAB":
        assert min(decode(saved(image, "TIFF")).getpixel((0, 0))) > 245


def test_cmyk_keeps_its_colours():
    red, green, blue = decode(saved(corners().convert("CMYK"), "JPEG", quality=95)).getpixel((5, 5))
    assert red > 220
    assert max(green, blue) < 40


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "TIFF"])
def test_the_first_frame_of_an_animation_is_used(kind):
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    data = saved(frames[0], kind, save_all=True, append_images=frames[1:])
    assert decode(data).getpixel((4, 4))[0] > 200


def test_large_jpegs_are_reduced_while_decoding_but_report_their_full_size():
    data = saved(corners(1600, 1200), "JPEG")
    decoded = decode_with_size(data, short_side=100)
    assert decoded.image.size == (400, 300)
    assert (decoded.width, decoded.height) == (1600, 1200)
    assert decode(data, short_side=400).size == (1600, 1200)


@pytest.mark.parametrize("turns", [b"irot", b"free"], ids=["rotated by its box", "rotated by EXIF alone"])
def test_a_heic_picture_is_upright_however_its_rotation_is_stored(turns):
    exif = Image.Exif()
    exif[0x0112] = 6
    rotated = corners().transpose(Image.Transpose.ROTATE_90)
    data = saved(rotated, "HEIF", exif=exif.tobytes(), quality=95)
    assert data.count(b"irot") == 1
    upright = decode(data.replace(b"irot", turns))
    assert upright.size == (60, 40)
    colours = np.asarray(upright.resize((2, 2), Image.Resampling.BOX), dtype=int)
    assert np.abs(colours - np.asarray(corners().resize((2, 2), Image.Resampling.BOX), dtype=int)).max() < 30


@pytest.mark.parametrize("short_side", [None, 8])
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "HEIF"])
def test_a_truncated_file_is_rejected(kind, short_side):
    image = Image.fromarray(np.random.default_rng(0).integers(0, 256, (200, 200, 3), dtype=np.uint8))
    data = saved(image, kind)
    for share in (0.02, 0.5, 0.9):
        with pytest.raises(PictureError):
            decode(data[: int(len(data) * share)], short_side=short_side)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(FORMATS)), st.data())
def test_a_damaged_file_gives_a_picture_or_a_picture_error(kind, data):
    damaged = bytearray(saved(corners(48, 48), kind))
    for _ in range(data.draw(st.integers(1, 8))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    try:
        assert decode(bytes(damaged)).mode == "RGB"
    except PictureError as error:
        assert str(error).endswith(".")


def bomb(width: int, height: int) -> bytes:
    """A PNG with many pixels in few bytes."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("size", [(100_000, 100_000), (20_000, 10_000), (2**31 - 1, 1)])
def test_a_decompression_bomb_is_not_decoded(size):
    with warnings.catch_warnings(), pytest.raises(PictureError, match="million"):
        warnings.simplefilter("ignore")
        decode(bomb(*size))


def test_a_file_that_is_too_large_is_not_opened(tmp_path, monkeypatch):
    (tmp_path / "x.png").write_bytes(bytes(3 * 2**20))
    monkeypatch.setattr(decoding, "FILE_LIMIT_BYTES", 2**20)
    with pytest.raises(PictureError, match="3 MB, more than the limit of 1 MB"):
        decode(tmp_path / "x.png")


def test_decoding_ends_at_its_time_limit(monkeypatch):
    monkeypatch.setattr(decoding, "TIME_LIMIT_SECONDS", -1.0)
    with pytest.raises(PictureError, match="took longer"):
        decode(saved(corners(), "PNG"))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0", "Git LFS"),
        (b"hello", "not a picture"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "not a picture"),
    ],
)
def test_a_file_that_is_not_a_picture_is_rejected_with_a_reason(data, reason):
    with pytest.raises(PictureError, match=reason):
        decode(data)


def test_the_reason_also_depends_on_the_file_extension(tmp_path):
    for name, reason in (
        ("a.psd", "PSD pictures are not supported"),
        ("a.txt", "not a picture's file extension"),
        ("a.png", "opened"),
    ):
        with pytest.raises(PictureError, match=reason):
            decode(tmp_path / name)


def test_broken_exif_data_do_not_hide_a_good_picture():
    assert decode(saved(corners(), "JPEG", exif=b"Exif\x00\x00MM\x00*\xff\xff\xff\xff")).size == (60, 40)


@pytest.mark.parametrize("bits", [10, 12, 14, 16])
def test_sensor_values_with_fewer_bits_than_the_file_are_not_black(bits):
    values = np.linspace(0, 2**bits - 1, 64 * 64).reshape(64, 64).astype(np.uint16)
    data = io.BytesIO()
    Image.fromarray(values).save(data, "PNG")
    decoded = np.asarray(decode(data.getvalue()))
    assert (decoded.min(), decoded.max()) == (0, 255)


def display_p3() -> bytes:
    """The profile of Display P3: sRGB's with other primaries (adapted to D50) and another name."""
    raw = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    primaries = {
        b"rXYZ": (0.51512, 0.2412, -0.00105), b"gXYZ": (0.29198, 0.69225, 0.04189), b"bXYZ": (0.1571, 0.06657, 0.78407)
    }  # fmt: skip
    (count,) = struct.unpack_from(">I", raw, 128)
    for entry in range(count):
        tag, offset, _ = struct.unpack_from(">4sII", raw, 132 + 12 * entry)
        if tag in primaries:
            struct.pack_into(">3i", raw, offset + 8, *(round(65536 * value) for value in primaries[tag]))
    return bytes(raw).replace("sRGB".encode("utf-16-be"), "P3 x".encode("utf-16-be"))


def test_a_colour_profile_is_converted_to_srgb():
    data = io.BytesIO()
    Image.new("RGB", (16, 16), (230, 60, 40)).save(data, "PNG", icc_profile=display_p3())
    red, green, blue = decode(data.getvalue()).getpixel((3, 3))
    assert (red, green, blue) == pytest.approx((250, 31, 14), abs=2)


def test_a_broken_colour_profile_leaves_the_colours_unchanged():
    data = io.BytesIO()
    Image.new("RGB", (16, 16), (230, 60, 40)).save(data, "PNG", icc_profile=b"not a profile")
    assert decode(data.getvalue()).getpixel((3, 3)) == (230, 60, 40)
