"""Text in, text out, or clips: `pipeline("transfer")` opens a model and returns what runs it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, overload

from textdis.core.errors import UserError

if TYPE_CHECKING:
    from textdis.pipelines.sample import Sampler
    from textdis.pipelines.transfer import Transfer
    from textdis.pipelines.traverse import Traverse

__all__ = ["DEFAULT_MODEL", "pipeline"]

DEFAULT_MODEL = "yelp-sentiment"
CLIP_TASKS = ("reconstruct", "sample", "traverse")  # of models of clips
CODE_TASKS = ("arithmetic", "interpolate", "reconstruct")  # of models with a sentence code


@overload
def pipeline(
    task: Literal["transfer"],
    model: str | Path = ...,
    *,
    device: str = ...,
    threads: int | None = ...,
    int8: bool = ...,
) -> Transfer: ...
@overload
def pipeline(task: Literal["traverse"], model: str | Path, *, device: str = ...) -> Traverse: ...
@overload
def pipeline(task: Literal["sample"], model: str | Path, *, device: str = ...) -> Sampler: ...
@overload
def pipeline(
    task: str, model: str | Path = ..., *, device: str = ..., threads: int | None = ..., int8: bool = ...
) -> Any: ...
def pipeline(
    task: str,
    model: str | Path = DEFAULT_MODEL,
    *,
    device: str = "auto",
    threads: int | None = None,
    int8: bool = False,
) -> Any:
    """What does `task` with `model`: a model that ships, a folder, or `owner/name` on the hub.

        transfer = pipeline("transfer")
        transfer("The food was great!")          # a str, or a list of them
        for line in transfer.rewrite(open("reviews.txt"), to="positive"): ...

        traverse = pipeline("traverse", folder)  # of any model with one code a sentence
        traverse("the food was awful .", sources=negative, targets=positive).output

        pipeline("interpolate", folder)("Is it so?", "It is not.", steps=7)
        pipeline("arithmetic", folder)("The cat sleeps.", "The dog sleeps.", "My dog runs.")   # a - b + c
        pipeline("sample", folder)(20, seed=0)   # sentences that nobody wrote
        pipeline("reconstruct", folder)("It is not.")

    Of a model of clips, which are uint8 [T, H, W, 3]:

        pipeline("sample", folder)(16, frames=32)             # [16, 32, H, W, 3], clips that nobody filmed
        pipeline("traverse", folder)(contents=4, motions=4)   # [4, 4, T, H, W, 3], each content with each motion
        pipeline("reconstruct", folder)("walk.mp4")

    device: auto, cpu or cuda. threads: of torch, for the whole process. int8: smaller weights, on a CPU (transfer).
    Raises UserError: no such task or model, a model folder that cannot be used.
    """
    if task in CLIP_TASKS:
        from textdis.pipelines.clips import clip_pipeline, is_clip_model

        if is_clip_model(model):
            return clip_pipeline(task, model, device=device)
    if task == "traverse":
        from textdis.pipelines.traverse import Traverse

        return Traverse.from_folder(model, device=device)
    if task == "sample":
        from textdis.pipelines.sample import Sampler

        return Sampler.from_folder(model, device=device)
    if task in CODE_TASKS:
        from textdis.pipelines.codes import Codes

        return getattr(Codes.from_folder(model, device=device), task)
    if task != "transfer":
        raise UserError(f"no task {task!r}; there is: transfer, traverse, sample, {', '.join(CODE_TASKS)}")
    from textdis.pipelines.transfer import Transfer

    return Transfer.from_folder(model, device=device, threads=threads, int8=int8)
