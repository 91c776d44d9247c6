"""Text in, text out: `pipeline("transfer")` opens a model and returns what runs it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from textdis.core.errors import UserError

if TYPE_CHECKING:
    from textdis.pipelines.transfer import Transfer

__all__ = ["DEFAULT_MODEL", "pipeline"]

DEFAULT_MODEL = "yelp-sentiment"


def pipeline(
    task: str,
    model: str | Path = DEFAULT_MODEL,
    *,
    device: str = "auto",
    threads: int | None = None,
    int8: bool = False,
) -> Transfer:
    """What does `task` with `model`: a model that ships, a folder, or `owner/name` on the hub.

        transfer = pipeline("transfer")
        transfer("The food was great!")          # a str, or a list of them
        for line in transfer.rewrite(open("reviews.txt"), to="positive"): ...

    device: auto, cpu or cuda. threads: of torch, for the whole process. int8: smaller weights, on a CPU.
    Raises UserError: no such task or model, a model folder that cannot be used.
    """
    if task != "transfer":
        raise UserError(f"no task {task!r}; there is: transfer")
    from textdis.pipelines.transfer import Transfer

    return Transfer.from_folder(model, device=device, threads=threads, int8=int8)
