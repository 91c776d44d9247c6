"""Clips from noise, sheets of content and motion, and reconstructions, with any model of clips.

Axes: N clips, R rows, C columns, T frames, H and W pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor

from textdis.core.clips import ClipModel, ClipReader, ContentMotion, Factored
from textdis.core.errors import UserError
from textdis.core.memory import keep_freed_memory
from textdis.core.model import ModelError, load, read_config
from textdis.pipelines.folders import choose_device, find_model
from textdis.video.batches import collate, to_pixels
from textdis.video.clips import read_clips

BATCH = 32  # clips at a time
FRAMES = 16  # of a clip, where neither the model nor its notes say


def is_clip_model(model: str | Path) -> bool:
    """Whether a model folder is of pictures, not of text. Raises UserError: no such folder."""
    config = read_config(find_model(model))["config"]
    return isinstance(config, dict) and "pixels" in config


def clip_pipeline(task: str, model: str | Path, *, device: str = "auto") -> Any:
    """What does `task`, one of sample, traverse and reconstruct, with a model of clips."""
    keep_freed_memory()  # pictures of a step are large blocks
    if task == "reconstruct":
        return ClipReconstructor.from_folder(model, device=device)
    sampler = ClipSampler.from_folder(model, device=device)
    return sampler if task == "sample" else sampler.traverse


class ClipSampler:
    """`sampler(8, frames=16, seed=0)` makes clips, `sampler.traverse()` a sheet of content and motion.

    frames: of a clip, unless another length is asked for. kinds: names of the kinds of motion that the model can be
    told, if any.
    """

    def __init__(self, model: ClipModel, *, frames: int = FRAMES, kinds: Sequence[str] = (), device: str = "cpu"):
        self.model, self.frames, self.kinds, self.device = model, frames, list(kinds), device

    @classmethod
    def from_folder(cls, model: str | Path, *, device: str = "auto") -> Self:
        """The model of that name, folder, or name on the hub. Raises ModelError where it makes no clips."""
        folder, device = find_model(model), choose_device(device)
        notes, network = read_config(folder), load(folder, device=device)
        if not (is_clip_model(folder) and isinstance(network, ClipModel)):
            raise ModelError(f"{folder}: holds a {notes['model']}, which makes no clips")
        count = getattr(network.config, "kinds", 0)
        kinds = notes.get("labels") or [str(kind) for kind in range(count)]
        frames = int(notes.get("frames", getattr(network.config, "frames", FRAMES)))
        return cls(network, frames=frames, kinds=kinds[:count], device=device)

    @torch.inference_mode()
    def __call__(
        self, count: int = 8, frames: int | None = None, *, seed: int = 0, motion: str | None = None
    ) -> np.ndarray:  # fmt: skip
        """`count` clips, the same for a random seed on every device. uint8 [N, T, H, W, 3]

        motion: one of `kinds`; None: all by chance. Raises UserError: no such kind, a count or a number of
        frames below 1 or that the model cannot make.
        """
        length, rng = self._length(count, frames), torch.Generator().manual_seed(seed)
        made = []
        for start in range(0, count, BATCH):
            size = min(BATCH, count - start)
            given = {} if motion is None else {"label": torch.full((size,), self._kind(motion))}
            try:
                made.append(to_pixels(self.model.sample(size, length, generator=rng, **given)))
            except ValueError as error:
                raise UserError(str(error)) from None
        return np.concatenate(made)

    @torch.inference_mode()
    def traverse(
        self, contents: int = 4, motions: int = 4, frames: int | None = None, *, seed: int = 0, factor: int = 0
    ) -> np.ndarray:  # fmt: skip
        """Every content with every motion: a row shares its content, a column its motion. uint8 [R, C, T, H, W, 3]

        Of a model with factors a row shares the whole path of factor number `factor`, a column those of the others.
        Kinds of motion take turns. Raises UserError: a model that has no such two parts, no such factor, a number
        below 1.
        """
        length, rng = self._length(min(contents, motions), frames), torch.Generator().manual_seed(seed)
        first, second, show = self._parts(contents, motions, length, rng, factor)
        pairs = zip(*(part.flatten(0, 1).split(BATCH) for part in _crossed(first, second)), strict=True)
        clips = np.concatenate([to_pixels(show(one, other)) for one, other in pairs])
        return clips.reshape(contents, motions, *clips.shape[1:])

    def _parts(
        self, rows: int, columns: int, frames: int, rng: torch.Generator, factor: int
    ) -> tuple[Tensor, Tensor, Any]:  # fmt: skip
        """What rows share [R, T, .], what columns share [C, T, .], and the function that shows both."""
        model = self.model
        if isinstance(model, ContentMotion):
            kinds = torch.arange(columns) % len(self.kinds) if self.kinds else None
            content = model.contents(rows, frames, generator=rng)
            return content, model.motions(columns, frames, label=kinds, generator=rng), model.show
        if not isinstance(model, Factored):
            raise UserError(f"{type(model).__name__}: has one code for a whole clip, no content and motion apart")
        count, size = model.config.factors, model.config.size
        if not 0 <= factor < count or count < 2:
            raise UserError(f"factor {factor}: this model has {count}, from 0 on, and a sheet takes two at least")
        own = torch.arange(count * size, device=self.device) // size == factor
        first, second = (model.paths(number, frames, generator=rng) for number in (rows, columns))
        return first, second, lambda one, other: model.decode(torch.where(own, one, other))

    def _length(self, count: int, frames: int | None) -> int:
        length = self.frames if frames is None else frames
        if min(count, length) < 1:
            raise UserError(f"{count} clips of {length} frames: give numbers of 1 or more")
        return length

    def _kind(self, kind: str) -> int:
        if kind not in self.kinds:
            raise UserError(f"no kind of motion {kind!r}; this model has {', '.join(self.kinds) or 'none'}")
        return self.kinds.index(kind)


def _crossed(first: Tensor, second: Tensor) -> tuple[Tensor, Tensor]:
    """[R, T, .] and [C, T, .] -> each with each, [R, C, T, .]"""
    shape = (len(first), len(second))
    return first[:, None].expand(*shape, -1, -1), second[None].expand(*shape, -1, -1)


class ClipReconstructor:
    """`reconstruct(clips)`: what the model shows of what it has seen."""

    def __init__(self, model: ClipReader, *, device: str = "cpu"):
        self.model, self.device = model, device

    @classmethod
    def from_folder(cls, model: str | Path, *, device: str = "auto") -> Self:
        """The model of that name, folder, or name on the hub. Raises ModelError where it reads no clips."""
        folder, device = find_model(model), choose_device(device)
        network = load(folder, device=device)
        if not isinstance(network, ClipReader):
            name = read_config(folder)["model"]
            raise ModelError(f"{folder}: holds a {name}, which makes clips but reads none; train a sequential VAE")
        return cls(network, device=device)

    def __call__(self, clips: str | Path | Sequence[np.ndarray]) -> list[np.ndarray]:
        """Each clip uint8 [T, H, W, 3] as the model shows it, in its own length.

        clips: a file or folder that `read_clips` reads, brought to the model's size; or arrays of that size. Raises
        UserError: no clips, or arrays of another size.
        """
        pixels = self.model.config.pixels
        given = read_clips(clips, pixels=pixels) if isinstance(clips, str | Path) else list(clips)
        for i, clip in enumerate(given):
            if not isinstance(clip, np.ndarray):
                raise UserError(f"clip {i} is of {type(clip).__name__}; give one file or folder, or arrays")
            if clip.ndim != 4 or not len(clip) or clip.shape[1:] != (pixels, pixels, 3) or clip.dtype != np.uint8:
                what = f"clip {i} is {clip.dtype} {list(clip.shape)}"
                raise UserError(f"{what}; this model takes uint8 [T, {pixels}, {pixels}, 3]")
        return [clip for start in range(0, len(given), BATCH) for clip in self._shown(given[start : start + BATCH])]

    @torch.inference_mode()
    def _shown(self, clips: Sequence[np.ndarray]) -> list[np.ndarray]:
        shown = to_pixels(self.model.reconstruct(collate(clips).to(self.device)))
        return [clip[: len(own)] for clip, own in zip(shown, clips, strict=True)]
