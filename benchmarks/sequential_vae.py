"""Speed of the sequential VAE against its direct transcription (`sequential_vae_direct.py`), as ratios measured in one
run on one thread.

    python benchmarks/sequential_vae.py             some three minutes
    python benchmarks/sequential_vae.py --quick     one

Both start from the same weights, at the paper's sizes: 64 x 64 pixels, 64 channels and twice as many by each layer, two
factors, 16 frames. Seconds are those of the processor, so that other programs disturb less. `half` has the
convolutions in bfloat16, by the trainer's switch `precision`. Losses on the same clips and noise must agree; nothing
is asserted.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any

import torch
import typer
from rich.console import Console
from rich.table import Table
from sequential_vae_direct import DirectVAE, direct_of
from timing import compare

from data_recipes.clips import load_clips
from textdis.core.batch import ClipBatch
from textdis.core.memory import keep_freed_memory
from textdis.systems.sequential_vae import SequentialVAE, SequentialVAEConfig, SequentialVAEObjective
from textdis.video.batches import collate

FRAMES = 16


def autocast(half: bool) -> torch.autocast:
    return torch.autocast("cpu", torch.bfloat16, enabled=half)


def our_step(objective: SequentialVAEObjective, players: dict[str, Any], batch: ClipBatch, half: bool) -> None:
    with autocast(half):
        turn = next(objective.turns(iter([batch]), 0))
    players["model"].backward(turn.total)
    players["model"].step()


def their_step(direct: DirectVAE, adam: torch.optim.Optimizer, batch: ClipBatch, half: bool) -> None:
    noise = torch.randn(len(batch), FRAMES, direct.prepare.in_features)
    with autocast(half):
        nll, kl = direct.loss(batch.frames, noise)
    adam.zero_grad()
    (nll + kl).backward()
    adam.step()


@torch.no_grad()
def bounds(model: SequentialVAE, direct: DirectVAE, batch: ClipBatch) -> tuple[float, float]:
    """-ELBO in nats by both, in eval mode, on the same clips and noise."""
    torch.manual_seed(0)
    ours = sum(float(nats.mean()) for nats in model.eval().bound(batch).values())
    torch.manual_seed(0)
    noise = torch.randn(len(batch), FRAMES, model.code_size)
    return ours, float(sum(direct.eval().loss(batch.frames, noise)))


def generate(network: Any, clips: int, half: bool) -> None:
    with torch.inference_mode(), autocast(half):
        network.sample(clips, FRAMES)


def four(ours: Callable[[bool], Any], direct: Callable[[bool], Any]) -> dict[str, Callable[[], Any]]:
    """Both ways, each in either precision, by name."""
    ways: dict[str, Any] = {"ours": ours, "direct": direct}
    return {f"{name}{' half' * half}": partial(way, half=half) for half in (False, True) for name, way in ways.items()}


def measure(clips: int, rounds: int) -> list[tuple[str, ...]]:
    """Rows of the table."""
    torch.manual_seed(0)
    model = SequentialVAE(SequentialVAEConfig())
    direct, objective = direct_of(model), SequentialVAEObjective(model)
    batch = collate(load_clips("sprites", pixels=64, frames=FRAMES, counts=(clips, 1))["train"].frames)
    rows = [("-ELBO, nats", *(f"{nats:.1f}" for nats in bounds(model, direct, batch)), "")]
    players, adam = objective.players(), torch.optim.Adam(direct.parameters(), lr=3e-4)
    model.train(), direct.train()
    steps = four(partial(our_step, objective, players, batch), partial(their_step, direct, adam, batch))
    rows += ratios("training step", compare(steps, rounds))
    model.eval(), direct.eval()
    makes = four(partial(generate, model, clips), partial(generate, direct, clips))
    return rows + ratios("generation", compare(makes, rounds))


def ratios(what: str, took: dict[str, float]) -> list[tuple[str, ...]]:
    pairs = {"float32": ("ours", "direct"), "half": ("ours half", "direct half"), "ours half": ("ours half", "direct")}
    return [
        (f"{what}, {name}, s", f"{took[one]:.3f}", f"{took[other]:.3f}", f"{took[other] / took[one]:.2f} x")
        for name, (one, other) in pairs.items()
    ]


def main(
    quick: Annotated[bool, typer.Option("--quick", help="3 rounds instead of 9.")] = False,
    clips: Annotated[int, typer.Option(help="clips of a batch")] = 8,
) -> None:
    """Measure both."""
    torch.set_num_threads(1)
    keep_freed_memory()  # as the trainer has it; both sides gain
    title = f"{clips} clips of {FRAMES} frames, 64 x 64, torch {torch.__version__}, 1 thread"
    table = Table("measured", "ours", "direct", "ratio", title=title)
    for row in measure(clips, 3 if quick else 9):
        table.add_row(*row)
    Console(width=100).print(table)


if __name__ == "__main__":
    typer.run(main)
