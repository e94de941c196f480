from pathlib import Path

import pytest
from PIL import Image

from cnnlab.data import uploads
from cnnlab.errors import DataError


def test_uploaded_pictures_are_checked_and_named_by_content(tmp_path: Path, pictures: Path) -> None:
    good = next(pictures.rglob("*.png")).read_bytes()
    files = [("../../a.png", good), ("again.PNG", good), ("bad.jpg", b"not a picture"), ("noend", good)]
    written, refused = uploads.add_pictures(tmp_path / "set", " my cat ", files)
    assert written == 3
    assert [item.file for item in refused] == ["bad.jpg"]
    kept = list((tmp_path / "set" / "my cat").iterdir())
    assert len(kept) == 1
    with Image.open(kept[0]) as image:
        assert image.size == (40, 40)


@pytest.mark.parametrize("label", ["", "..", "a/b", ".hidden", "x" * 200, "a\0"])
def test_a_label_that_is_not_a_valid_folder_name_is_rejected(label: str) -> None:
    with pytest.raises(DataError, match="is not a valid class name"):
        uploads.check_label(label)
