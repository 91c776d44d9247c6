"""Training speed of the multi-task autoencoder in characters a second, against its plain transcription, in one run.

    OMP_NUM_THREADS=1 python benchmarks/characters.py

The plain twin is the paper's equations written down: batches in random order, padded to their longest sentence, an
LSTM cell stepped through every position of encoder and decoders, pads included and masked in the loss. Both
train the same sizes on the same sentences with Adam; a character is one of the source or of a target, without pads.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Annotated

import numpy as np
import torch
import torch.nn.functional as F
import typer
from torch import Tensor, nn

import data_recipes
from textdis.core.batch import PAD, TextBatch
from textdis.experiments.parallel_data import make_batches
from textdis.systems.multitask import MultiBatch, MultiTaskAutoencoder, MultiTaskConfig, MultiTaskObjective
from textdis.text.batches import collate
from textdis.text.tokenizer import CharTokenizer

DECODERS = ("copy", "lang1")


class PlainDecoder(nn.Module):
    """A cell, a table, a dense layer to h and c, a dense layer to the vocabulary."""

    def __init__(self, vocabulary: int, config: MultiTaskConfig):
        super().__init__()
        self.embed = nn.Embedding(vocabulary, config.embedding)
        self.start = nn.Linear(config.representation, 2 * config.hidden)
        self.cell, self.out = nn.LSTMCell(config.embedding, config.hidden), nn.Linear(config.hidden, vocabulary)

    def nll(self, codes: Tensor, target: TextBatch) -> Tensor:
        """[B, D] -> scalar in nats, step by step."""
        h, c = (part.contiguous() for part in self.start(codes).chunk(2, -1))
        total = codes.new_zeros(len(codes))
        for t in range(target.tokens.shape[1] - 1):
            h, c = self.cell(self.embed(target.tokens[:, t]), (h, c))
            nats = F.cross_entropy(self.out(h), target.tokens[:, t + 1], reduction="none")
            total = total + nats * (target.tokens[:, t + 1] != PAD)
        return total.mean()


class Plain(nn.Module):
    """The encoder, step by step: a finished sentence keeps its state."""

    def __init__(self, config: MultiTaskConfig):
        super().__init__()
        self.hidden, self.embed = config.hidden, nn.Embedding(config.vocabulary, config.embedding)
        self.cell, self.represent = (
            nn.LSTMCell(config.embedding, config.hidden),
            nn.Linear(2 * config.hidden, config.representation),
        )
        self.decoders = nn.ModuleDict({name: PlainDecoder(size, config) for name, size in config.decoders.items()})

    def loss(self, batch: MultiBatch) -> Tensor:
        tokens = batch.source.tokens
        h = c = torch.zeros(len(tokens), self.hidden)
        for t in range(1, tokens.shape[1]):
            new_h, new_c = self.cell(self.embed(tokens[:, t]), (h, c))
            reads = (tokens[:, t] != PAD)[:, None]
            h, c = torch.where(reads, new_h, h), torch.where(reads, new_c, c)
        codes = self.represent(torch.cat([h, c], -1))
        losses = [decoder.nll(codes, batch.targets[name]) for name, decoder in self.decoders.items()]  # type: ignore[operator]
        return torch.stack(losses).sum()


def characters(batch: MultiBatch) -> int:
    """Of the sources and the targets, `</s>` counted, pads not."""
    return sum(int(part.mask.sum()) for part in (batch.source, *batch.targets.values()))


def speed(step: Callable[[MultiBatch], None], batches: Iterator[MultiBatch], steps: int) -> float:
    """Characters a second over `steps` steps, batches made on the way; two to warm up."""
    for _ in range(2):
        step(next(batches))
    done, start = 0, time.perf_counter()
    for _ in range(steps):
        batch = next(batches)
        step(batch)
        done += characters(batch)
    return done / (time.perf_counter() - start)


def random_batches(columns: dict[str, list], tokenizers: dict[str, CharTokenizer], size: int) -> Iterator[MultiBatch]:
    """Rows drawn evenly, whatever their lengths."""
    rng, texts = np.random.default_rng(0), {"copy": columns["en"], "lang1": columns["lang1"]}
    while True:
        rows: Sequence[int] = rng.integers(len(columns["en"]), size=size).tolist()
        made = {name: collate([tokenizers[name].encode(texts[name][i]) for i in rows]) for name in DECODERS}
        yield MultiBatch(made["copy"], made)


def main(
    steps: Annotated[int, typer.Option(help="Timed steps of each.")] = 60,
    rounds: Annotated[int, typer.Option(help="Times that the two take turns; the median counts.")] = 3,
    batch_size: Annotated[int, typer.Option()] = 32,
) -> None:
    """Measure both and print the ratio."""
    split = data_recipes.load("grammar", sentences=5_000)["train"]
    columns = {name: list(split[name]) for name in ("en", "lang1")}
    tokenizers = {"copy": CharTokenizer.fit(columns["en"]), "lang1": CharTokenizer.fit(columns["lang1"])}
    config = MultiTaskConfig(tokenizers["copy"].size, {name: own.size for name, own in tokenizers.items()})
    objective, plain = MultiTaskObjective(MultiTaskAutoencoder(config)), Plain(config)
    player, adam = objective.players()["model"], torch.optim.Adam(plain.parameters())

    def ours(batch: MultiBatch) -> None:
        player.backward(next(objective.turns(iter([batch]), 0)).total)
        player.step()

    def theirs(batch: MultiBatch) -> None:
        adam.zero_grad()
        plain.loss(batch).backward()
        adam.step()

    bucketed = make_batches(columns, "en", DECODERS, tokenizers, batch_size=batch_size)
    drawn = partial(random_batches, columns, tokenizers, batch_size)
    pairs = [(speed(ours, bucketed, steps), speed(theirs, drawn(), steps)) for _ in range(rounds)]
    fast, slow = np.median(pairs, axis=0)
    threads = torch.get_num_threads()
    print(f"multi-task autoencoder, {'-'.join(DECODERS)}, hidden {config.hidden}, {threads} thread(s)")
    print(f"textdis              {fast:>10,.0f} characters/s")
    print(f"plain, step by step  {slow:>10,.0f} characters/s")
    print(f"ratio                {np.median([a / b for a, b in pairs]):>10.2f}")


if __name__ == "__main__":
    typer.run(main)
