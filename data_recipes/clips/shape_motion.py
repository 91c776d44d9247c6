"""MoCoGAN's own shape motion: 8,000 clips of 32 frames, 64 x 64, of a disc or a square that moves along a random curve.

Factors: `motion` (bottom to top, right to left), `shape`, `size` (pixels of the full frame), `color` (0 to 255). The
paper counts 4,000 clips and says left to right, top to bottom; this is the released set. A tenth each, drawn by the
clip's number in the original, is `dev` and `test`; the small set's clips stand in the splits they have in the full one.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data_recipes.clips import Clips
from data_recipes.recipe import Recipe
from textdis.core.errors import UserError

if TYPE_CHECKING:
    import numpy as np

FULL, SMALL = "mocogan_shapes.npz", "mocogan_shapes_small.npz"
COUNT, FRAMES, PIXELS = 8_000, 32, 64
HELD_OUT = 0.1  # share of each of dev and test
VALUES: dict[str, tuple[str, ...]] = {"motion": ("bottom to top", "right to left"), "shape": ("disc", "square")}


class Unpacked(Sequence["np.ndarray"]):
    """Clips uint8 [T, pixels, pixels, 3], each unpacked when it is asked for: mask times colour, averaged over areas.

    masks: bits [N, 32, 64, 8]; colours: uint8 [N, 3].
    """

    def __init__(self, masks: np.ndarray, colours: np.ndarray, pixels: int, frames: slice):
        self.masks, self.colours, self.pixels, self.frames = masks, colours, pixels, frames

    def __len__(self) -> int:
        return len(self.masks)

    def __getitem__(self, i: Any) -> Any:
        import numpy as np

        if isinstance(i, slice):
            return [self[j] for j in range(*i.indices(len(self)))]
        mask, step = np.unpackbits(self.masks[i][self.frames], axis=-1), PIXELS // self.pixels
        share = mask.reshape(len(mask), self.pixels, step, self.pixels, step).mean((2, 4), dtype=np.float32)
        return (share[..., None] * self.colours[i]).round().astype(np.uint8)


def clips(
    root: str | Path | None = None, *, pixels: int = PIXELS, frames: int = 16, stride: int | None = None
) -> dict[str, Clips]:
    """Every `stride`-th frame from the first on, `frames` of them; by default as far apart as the clip allows.

    Raises UserError: no files, frames or pixels that cannot be cut from 32 frames of 64 x 64.
    """
    import numpy as np

    stride = stride or max(1, FRAMES // max(1, frames))
    if pixels < 1 or PIXELS % pixels or frames < 1 or (frames - 1) * stride >= FRAMES:
        raise UserError(
            f"{frames} frames of {pixels} pixels, stride {stride}: clips have {FRAMES} of {PIXELS}, and pixels must "
            f"divide {PIXELS}"
        )
    with np.load(FILES.folder(root) / FULL) as data:
        table = {name: data[name] for name in data.files}
    taken = slice(0, (frames - 1) * stride + 1, stride)
    return _split(table, lambda rows: Unpacked(table["mask"][rows], table["color"][rows], pixels, taken))


def small_clips(root: str | Path | None = None, *, frames: int = 16, stride: int | None = None) -> dict[str, Clips]:
    """1,000 of the clips, 16 frames of 32 x 32, ready made. Raises UserError: no files, too many frames."""
    import numpy as np

    stride = stride or max(1, FRAMES // 2 // max(1, frames))
    if frames < 1 or (frames - 1) * stride >= FRAMES // 2:
        raise UserError(f"{frames} frames, stride {stride}: these clips have {FRAMES // 2}")
    with np.load(SMALL_FILES.folder(root) / SMALL) as data:
        table = {name: data[name] for name in data.files}
    return _split(table, lambda rows: table["frames"][rows, : (frames - 1) * stride + 1 : stride])


def _split(table: dict[str, np.ndarray], frames: Any) -> dict[str, Clips]:
    """By a number drawn for each clip of the original. frames: row numbers -> clips"""
    import numpy as np

    lot = np.random.default_rng(0).random(COUNT)[table["source_id"]]
    ends = {"train": (2 * HELD_OUT, 1.0), "dev": (HELD_OUT, 2 * HELD_OUT), "test": (0.0, HELD_OUT)}
    made = {}
    for split, (low, high) in ends.items():
        rows = np.flatnonzero((low <= lot) & (lot < high))
        factors = {name: table[name][rows].astype(int) for name in ("motion", "shape", "size", "color", "source_id")}
        made[split] = Clips(frames(rows), factors, VALUES)
    return made


def _no_table(folder: Path) -> dict[str, dict[str, list[object]]]:
    raise UserError("this recipe holds clips: take data_recipes.clips.load_clips")


def _files(name: str, file: str, checksum: str) -> Recipe:
    return Recipe(
        name=name,
        files={file: checksum},
        parse=_no_table,
        labels=(),
        splits=("train", "dev", "test"),
        licence="not stated: research use only; the clips are not handed on",
        homepage="Tulyakov et al. (2018), mocogan, data/shapes",
        place="video",
    )


FILES = _files("shape_motion", FULL, "5938d50f85cc9b220506e5147bdc6a51ac341cc36909ae2bdf058fbe2c311edd")
SMALL_FILES = _files("shape_motion_small", SMALL, "578afae7750ef4d8fb60235951aade1b87f02f8f0e394dc7ea0616789a24568f")
