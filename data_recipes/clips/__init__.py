"""Clips by name, with the factors that made them. No data ship with this package; what is generated needs none.

load_clips("shape_motion", pixels=32, frames=8)["train"].frames[0]     # uint8 [8, 32, 32, 3]
load_clips("bezier_shapes", counts=(800, 100, 100))["test"].factors["motion"]
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textdis.core.errors import UserError

if TYPE_CHECKING:
    import numpy as np

__all__ = ["NAMES", "Clips", "load_clips"]

NAMES = ("bezier_shapes", "moving_mnist", "shape_motion", "shape_motion_small", "sprites", "weizmann")


@dataclass(frozen=True)
class Clips:
    """N clips of one split, and what is true of each."""

    frames: Sequence[np.ndarray]  # N times uint8 [T, H, W, 3]
    factors: dict[str, np.ndarray]  # name -> [N] of int, or [N, 3] for a colour
    names: dict[str, tuple[str, ...]] = field(default_factory=dict)  # of a factor's values, by number

    def __len__(self) -> int:
        return len(self.frames)


def load_clips(name: str, root: str | Path | None = None, **options: Any) -> dict[str, Clips]:
    """The clips called `name`, split by split; no clip stands in two.

    root: where the files are, as for `data_recipes.load`. options: those of the recipe, such as pixels and frames.
    Raises UserError: no such recipe, files missing or other than expected, an option that it lacks or cannot follow.
    """
    if name not in NAMES:
        raise UserError(f"no clips {name!r}; there are {', '.join(NAMES)}")
    module = importlib.import_module(f"data_recipes.clips.{name.removesuffix('_small')}")
    make = getattr(module, "small_clips" if name.endswith("_small") else "clips")
    known = [key for key in inspect.signature(make).parameters if key != "root"]
    if unknown := sorted(set(options) - set(known)):
        raise UserError(f"clips {name!r} have no option {unknown[0]!r}; they have {', '.join(known) or 'none'}")
    own = {"root": root} if "root" in inspect.signature(make).parameters else {}
    made = make(**own, **options)
    return {split: part if isinstance(part, Clips) else Clips(*part) for split, part in made.items()}
