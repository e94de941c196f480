"""Contact sheet of the drawings for the README: `python -m cnnlab.data.samples.contact_sheet docs/images/drawings.jpg`.

Shows the first drawings of a seed, with the classes alternating; none are picked by hand.
"""

import argparse
from pathlib import Path

from PIL import Image

from cnnlab.data.samples.painting import ANIMALS, paint

GAP_PX = 6
PAPER = (255, 255, 255)


def contact_sheet(*, columns: int, rows: int, seed: int, tile_px: int) -> Image.Image:
    """Sheet of `columns` x `rows` drawings, each `tile_px` square, with the classes alternating."""
    step, classes = tile_px + GAP_PX, list(ANIMALS)
    sheet = Image.new("RGB", (columns * step + GAP_PX, rows * step + GAP_PX), PAPER)
    for index in range(columns * rows):
        row, column = divmod(index, columns)
        # Odd rows start with the other class, as on a chequerboard.
        drawing = paint(classes[(row + column) % len(classes)], seed=seed, number=index)
        tile = drawing.picture.resize((tile_px, tile_px), Image.Resampling.LANCZOS)
        sheet.paste(tile, (GAP_PX + column * step, GAP_PX + row * step))
    return sheet


def main() -> None:
    """Write the sheet to the path given on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path, help="file to write, .jpg or .png")
    parser.add_argument("--columns", type=int, default=8)
    parser.add_argument("--rows", type=int, default=4)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--tile", type=int, default=160, help="side of one drawing in pixels")
    arguments = parser.parse_args()
    sheet = contact_sheet(columns=arguments.columns, rows=arguments.rows, seed=arguments.seed, tile_px=arguments.tile)
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(arguments.out, quality=85)


if __name__ == "__main__":
    main()
