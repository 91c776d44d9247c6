"""Speed of ARAE against its direct transcription (`arae_direct.py`), as ratios measured in one run on one thread.

    python benchmarks/arae.py             some ten minutes
    python benchmarks/arae.py --quick     two

Both start from the same weights and train by the same algorithm on the Yelp recipe, at embedding, code and hidden 128,
64 + 64 sentences, and every word seen twice; both are then asked for the same transfers. Seconds are those of the
processor, so that other programs disturb less. The held-out losses must agree within noise; nothing is asserted.

Three settings: float32 on both sides; `--half`, where torch's switch for inexact products is on, which we follow in all
layers and torch in plain products alone; `--half --autocast`, where the direct transcription takes all in bfloat16 too.
With `--keep-memory` the transcription has what our trainer has, too (`core/memory.py`).
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from typing import Annotated, Any

import numpy as np
import torch
import typer
from arae_direct import DirectARAE, DirectTraining
from rich.console import Console
from rich.table import Table
from timing import seconds
from torch import Tensor

from textdis.core.memory import keep_freed_memory
from textdis.systems.arae import ARAEObjective
from textdis.systems.arae_model import ARAE, ARAEConfig
from textdis.text.batches import Batches, collate
from textdis.text.tokenizer import WordTokenizer

SIZE = 64  # sentences of a style in a batch


class Data:
    """Training rows of each style, and held-out ones."""

    def __init__(self) -> None:
        import data_recipes

        yelp = data_recipes.load("yelp")
        self.tokenizer = WordTokenizer.fit(yelp["train"]["text"][:], min_count=2)
        self.train, self.dev = (self._styles(yelp[name]) for name in ("train", "dev"))
        self.dev = [rows[:500] for rows in self.dev]

    def _styles(self, split: Any) -> list[list[list[int]]]:
        texts, labels = split["text"][:], split["label"][:]
        return [
            self.tokenizer.encode_batch([t for t, own in zip(texts, labels, strict=True) if own == y]) for y in (0, 1)
        ]

    def padded(self, style: int) -> Iterator[Tensor]:
        """Endless padded batches of one style."""
        rng, rows = np.random.default_rng(style), self.train[style]
        while True:
            yield collate([rows[i] for i in rng.choice(len(rows), SIZE, replace=False)]).tokens

    def mixed(self) -> Batches:
        """Batches of both styles, evenly."""
        count = min(map(len, self.train))
        rows = [row for pair in zip(*(rows[:count] for rows in self.train), strict=True) for row in pair]
        return Batches(rows, [0, 1] * count, batch_size=2 * SIZE, pool=1)


class Ours:
    """The objective's turns, taken as the trainer takes them."""

    def __init__(self, objective: ARAEObjective, batches: Batches):
        self.objective, self.batches, self.players, self.steps = objective, batches, objective.players(), 0

    def step(self) -> None:
        for turn in self.objective.train().turns(self.batches, self.steps):
            self.players[turn.player].backward(turn.total)
            self.players[turn.player].step()
        self.steps += 1


def twins(data: Data) -> tuple[ARAEObjective, DirectARAE]:
    """The two models with the same weights."""
    torch.manual_seed(0)
    objective = ARAEObjective(ARAE(ARAEConfig(data.tokenizer.size, styles=2)))
    ours: Any = objective.model
    direct = DirectARAE(data.tokenizer.size)
    pairs: list[tuple[Any, Any]] = [
        (direct.words, ours.encoder.embed), (direct.encoder, ours.encoder.rnn.rnn), (direct.out, ours.out),
        (direct.generator, ours.generator), (direct.critic, objective.critic),
        (direct.classifier, objective.classifier),
        *((direct.decoder_words[y], ours.decoders[y].embed) for y in (0, 1)),
        *((direct.decoders[y], ours.decoders[y].rnn.rnn) for y in (0, 1)),
    ]  # fmt: skip
    for one, other in pairs:
        one.load_state_dict(other.state_dict())
    return objective, direct


@torch.no_grad()
def held_out(data: Data, ours: ARAE, direct: DirectARAE) -> tuple[float, float]:
    """-log p of a held-out sentence in nats, by ours and by the direct one."""
    ours.eval(), direct.eval()
    batches = [collate(rows, [y] * len(rows)) for y, rows in enumerate(data.dev)]
    count = sum(map(len, batches))
    mine = sum(float(ours.nll(ours.encode(b), b)) * len(b) for b in batches)
    return mine / count, sum(float(direct.nll(b.tokens, y)) for y, b in enumerate(batches)) / count


def train(
    data: Data, steps: int, autocast: bool, looks: int = 3
) -> tuple[ARAEObjective, DirectARAE, list[tuple[str, ...]]]:
    """Step by step in turn, so that both meet the same machine. The models, and rows of the table."""
    objective, direct = twins(data)
    mine, theirs = Ours(objective, data.mixed()), DirectTraining(direct, [data.padded(0), data.padded(1)])
    took: tuple[list[float], list[float]] = ([], [])
    rows = []
    for step in range(1, steps + 1):
        took[0].append(seconds(mine.step))
        with torch.autocast("cpu", torch.bfloat16, enabled=autocast):
            took[1].append(seconds(theirs.step))
        if step % (steps // looks) == 0:
            losses = held_out(data, objective.model, direct)
            rows.append((f"held-out nats after {2 * SIZE * step:,} sentences", *(f"{x:.2f}" for x in losses), ""))
    rates = [2 * SIZE / statistics.median(each) for each in took]
    speed = ("training, sentences/s", *(f"{x:.0f}" for x in rates), f"{rates[0] / rates[1]:.2f} x")
    return objective, direct, [speed, *rows]


def decode(data: Data, ours: ARAE, direct: DirectARAE) -> tuple[str, ...]:
    """Greedy transfer of all held-out sentences, from rows of ids to rows of ids."""

    def fast() -> None:
        batches = Batches([r for rows in data.dev for r in rows], np.repeat([0, 1], len(data.dev[0])), batch_size=256)
        with torch.inference_mode():
            for _, batch in batches.once():
                ours.candidates(batch, 1 - batch.style, n_best=1)

    def plain() -> None:
        for style, rows in enumerate(data.dev):
            for start in range(0, len(rows), SIZE):
                direct.transfer(collate(rows[start : start + SIZE]).tokens, 1 - style)

    ours.eval(), direct.eval()
    count = sum(map(len, data.dev))
    rates = [count / min(seconds(work) for _ in range(3)) for work in (fast, plain)]
    return "greedy transfer, sentences/s", *(f"{x:.0f}" for x in rates), f"{rates[0] / rates[1]:.2f} x"


def main(
    quick: Annotated[bool, typer.Option("--quick", help="60 steps instead of 300.")] = False,
    half: Annotated[bool, typer.Option("--half", help="torch's switch for inexact products on, for both.")] = False,
    autocast: Annotated[bool, typer.Option("--autocast", help="The direct one trains under torch.autocast.")] = False,
    keep_memory: Annotated[
        bool, typer.Option("--keep-memory", help="Both keep what they free, as our trainer.")
    ] = False,
) -> None:
    """Measure both."""
    torch.set_num_threads(1)
    if keep_memory:
        keep_freed_memory()
    data = Data()
    torch.set_float32_matmul_precision("medium" if half else "highest")
    objective, direct, rows = train(data, 60 if quick else 300, autocast)
    title = f"{data.tokenizer.size:,} words, 64 + 64 sentences, torch {torch.__version__}, 1 thread"
    table = Table("measured", "ours", "direct", "ratio", title=title)
    for row in [*rows, decode(data, objective.model, direct)]:
        table.add_row(*row)
    Console(width=100).print(table)


if __name__ == "__main__":
    typer.run(main)
