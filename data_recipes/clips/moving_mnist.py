"""Two MNIST digits that bounce in a frame, one in red and one in green: the data of Whitney and Fergus (2017), table 2.

Made from the 10,000 digits of MNIST's test files. No picture of a digit stands in both splits: a fifth of them, drawn
by a fixed seed, makes the clips of `test`. At 32 pixels digits have 14, at 64 pixels 28, as in the paper.
"""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import TYPE_CHECKING

from data_recipes.clips import Clips
from data_recipes.clips.bouncing import Motion, check_sizes, move
from data_recipes.recipe import Recipe
from textdis.core.errors import UserError

if TYPE_CHECKING:
    import numpy as np

IMAGES, LABELS = "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"
SIDE, HELD_OUT = 28, 0.2  # pixels of a digit; share of the digits that `test` is made of
KINDS = {0x0801: 1, 0x0803: 3}  # of an idx file of bytes: how many axes


def clips(
    root: str | Path | None = None,
    *,
    pixels: int = 32,
    frames: int = 10,
    counts: tuple[int, int] = (10_000, 1_000),
    seed: int = 0,
    motion: Motion = "bounce",
) -> dict[str, Clips]:
    """`train` and `test`: clips uint8 [N, T, P, P, 3], and the digit in each plane.

    counts: clips of each. Raises UserError: no files, damaged files, other sizes than 32 and 64.
    """
    import numpy as np

    check_sizes(pixels, frames)
    folder = FILES.folder(root)
    digits, names = read_idx(folder / IMAGES), read_idx(folder / LABELS)
    if digits.shape != (len(names), SIDE, SIDE):
        raise UserError(f"{folder}: {digits.shape} pictures for {len(names)} labels; get the files again")
    step = 64 // pixels
    small = digits.reshape(-1, SIDE // step, step, SIDE // step, step).mean((2, 4)).round().astype(np.uint8)
    order = np.random.default_rng(0).permutation(len(small))
    shares = np.split(order, [int(len(order) * (1 - HELD_OUT))])
    made, known = {}, tuple("0123456789")
    for number, (split, own, count) in enumerate(zip(("train", "test"), shares, counts, strict=True)):
        rng = np.random.default_rng((seed, number))
        chosen = rng.choice(own, (count, 2))
        labels = {"red": names[chosen[:, 0]].astype(int), "green": names[chosen[:, 1]].astype(int)}
        made[split] = Clips(
            list(move(small[chosen], pixels, frames, rng, motion=motion)), labels, dict.fromkeys(labels, known)
        )
    return made


def read_idx(path: Path) -> np.ndarray:
    """The bytes of a gzipped idx file, in its shape. Raises UserError where it is damaged."""
    import numpy as np

    try:
        raw = gzip.decompress(path.read_bytes())
        axes = KINDS[int.from_bytes(raw[:4], "big")]
        shape = [int.from_bytes(raw[4 * i : 4 * i + 4], "big") for i in range(1, axes + 1)]
        return np.frombuffer(raw, np.uint8, offset=4 * (axes + 1)).reshape(shape)
    except (OSError, EOFError, KeyError, ValueError) as error:
        raise UserError(f"{path}: not a gzipped idx file of bytes ({error}); get the file again") from None


def _no_table(folder: Path) -> dict[str, dict[str, list[object]]]:
    raise UserError("mnist holds pictures: take data_recipes.clips.load_clips('moving_mnist')")


FILES = Recipe(
    name="mnist",
    files={
        IMAGES: "1a1a05eab793c14bb050b398624a11b0ffd1a2953baed553b1b9bd079e2a20be",
        LABELS: "b91679a0acfe4ba0e50a2437a903084cba1f5f92592b016a25a7dfd00455798b",
    },
    parse=_no_table,
    labels=(),
    splits=("train", "test"),
    licence="not stated: research use only; the digits are not handed on",
    homepage="LeCun, Cortes and Burges, MNIST (files t10k)",
)
