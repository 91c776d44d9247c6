"""Speed of MoCoGAN against its direct transcription (`video_direct.py`), as ratios measured in one run on one thread.

    python benchmarks/video.py             some minutes
    python benchmarks/video.py --quick     one or two

All start from the same weights, at the paper's sizes: 64 x 64 pixels, 64 channels before the last layer and twice as
many by each before it, 16 frames, both critics. `at once` is the transcription whose image generator draws all frames
of all clips in one pass. Seconds are those of the processor, so that other programs disturb
less. Clips of the same noise and the critics' logits must agree, in eval mode; nothing is asserted.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any

import torch
import typer
from rich.console import Console
from rich.table import Table
from timing import compare
from video_direct import DirectTrainer, direct_of

from data_recipes.clips import load_clips
from textdis.core.batch import ClipBatch
from textdis.core.memory import keep_freed_memory
from textdis.systems.mocogan import MoCoGAN, MoCoGANConfig, MoCoGANObjective
from textdis.video.batches import collate

FRAMES = 16


def our_step(objective: MoCoGANObjective, players: dict[str, Any], batch: ClipBatch) -> None:
    for turn in objective.turns(iter([batch]), 0):
        players[turn.player].backward(turn.total)
        players[turn.player].step()


@torch.inference_mode()
def differences(objective: MoCoGANObjective, direct: DirectTrainer, batch: ClipBatch) -> dict[str, float]:
    """The largest of pixels and of logits, as shares of the largest value: same noise and clips, eval mode."""
    objective.eval(), [net.eval() for net in (direct.generator, direct.images, direct.videos)]
    m, count = objective.model, len(batch)
    torch.manual_seed(0)
    ours = m.sample(count, FRAMES)
    torch.manual_seed(0)
    sizes = ((count, 1, m.config.content), (count, FRAMES, m.config.noise), (1, count, m.config.motion))
    content, driven, state = (torch.randn(size) for size in sizes)
    theirs = direct.generator.clips(content[:, 0], driven, state[0])
    frames = batch.frames[:, :, 0]
    assert objective.image_critic is not None
    pairs = {
        "pixels": (ours, theirs),
        "video critic": (objective.video_critic(ours).flatten(), direct.videos(ours).flatten()),
        "image critic": (objective.image_critic(frames), direct.images(frames).flatten()),
    }
    return {name: float((one - other).abs().max() / one.abs().max()) for name, (one, other) in pairs.items()}


def generate(network: Any, clips: int) -> None:
    with torch.inference_mode():
        network.sample(clips, FRAMES)


def measure(clips: int, rounds: int, width: int) -> list[tuple[str, ...]]:
    """Rows of the table."""
    torch.manual_seed(0)
    objective = MoCoGANObjective(MoCoGAN(MoCoGANConfig(frames=FRAMES, width=width)))
    direct, at_once = direct_of(objective), direct_of(objective, loop=False)
    made = load_clips("bezier_shapes", pixels=64, frames=FRAMES, counts=(clips, 0, 0))
    batch = collate(made["train"].frames)
    apart = differences(objective, direct, batch)
    rows: list[tuple[str, ...]] = [
        (f"difference, {name}", "", f"{most:.1e}", "", "", "") for name, most in apart.items()
    ]
    networks = {"ours": objective.model, "direct": direct.generator, "at once": at_once.generator}
    rows.append(
        row("generation, s", compare({n: partial(generate, net, clips) for n, net in networks.items()}, rounds))
    )
    for net in (objective, *(part for one in (direct, at_once) for part in (one.generator, one.images, one.videos))):
        net.train()
    steps: dict[str, Callable[[], Any]] = {"ours": partial(our_step, objective, objective.players(), batch)}
    steps |= {name: partial(one.step, batch.frames) for name, one in (("direct", direct), ("at once", at_once))}
    return [*rows, row("training step, s", compare(steps, rounds))]


def row(what: str, took: dict[str, float]) -> tuple[str, ...]:
    ours, direct, at_once = took.values()
    return what, f"{ours:.2f}", f"{direct:.2f}", f"{direct / ours:.2f} x", f"{at_once:.2f}", f"{at_once / ours:.2f} x"


def main(
    quick: Annotated[bool, typer.Option("--quick", help="1 round instead of 3.")] = False,
    clips: Annotated[int, typer.Option(help="clips of a batch")] = 4,
    width: Annotated[int, typer.Option(help="channels of the generator's last layer but one; the paper: 64")] = 64,
) -> None:
    """Measure all."""
    torch.set_num_threads(1)
    keep_freed_memory()  # as the trainer has it; both sides gain
    title = f"{clips} clips of {FRAMES} frames, 64 x 64, width {width}, torch {torch.__version__}, 1 thread"
    table = Table("measured", "ours", "direct", "ratio", "at once", "ratio", title=title)
    for cells in measure(clips, 1 if quick else 3, width):
        table.add_row(*cells)
    Console(width=100).print(table)


if __name__ == "__main__":
    typer.run(main)
