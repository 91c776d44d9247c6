"""36 of the Weizmann clips of human actions, 16 frames of 64 x 64. Of nine people one each is `dev` and `test`."""

from __future__ import annotations

from pathlib import Path

from data_recipes.clips import Clips
from data_recipes.clips.shape_motion import _no_table
from data_recipes.recipe import Recipe

FILE = "weizmann_actions_small.npz"
ACTIONS = (0, 1, 3, 4)  # of the original's folders
DEV, TEST = 7, 8  # people


def clips(root: str | Path | None = None) -> dict[str, Clips]:
    """Factors: `action` (0 to 3, in the order of ACTIONS), `person`. Raises UserError: no files."""
    import numpy as np

    with np.load(FILES.folder(root) / FILE) as data:
        frames, person, source = data["frames"], data["person"].astype(int), data["source_id"].astype(int)
        action = np.searchsorted(ACTIONS, data["action"])
    parts = {"train": person < DEV, "dev": person == DEV, "test": person == TEST}
    names = {"action": tuple(f"action {i}" for i in ACTIONS)}
    return {
        split: Clips(
            frames[rows], {"action": action[rows], "person": person[rows], "source_id": source[rows]}, names
        )
        for split, rows in parts.items()
    }  # fmt: skip


FILES = Recipe(
    name="weizmann",
    files={FILE: "e5ddc76c16113edcc2c47ae915210dbd9ea07a17d9706262dd9c6727e76f5f5c"},
    parse=_no_table,
    labels=(),
    splits=("train", "dev", "test"),
    licence="not stated: research use only; the clips are not handed on",
    homepage="Gorelick et al. (2007), as prepared by mocogan, data/actions",
    place="video",
)
