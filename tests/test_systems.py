"""One table for all systems, a row each. Three steps on made-up data must (a) change each player's parameters
and nobody else's in each turn, (b) repeat exactly under one random seed, (c) resume to the same numbers;
and some seconds must (d) lower the main loss on a task a child could learn."""

import itertools
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pytest
import torch

from textdis.core.batch import BOS, EOS, PairBatch
from textdis.systems.arae import ARAEObjective
from textdis.systems.arae_model import ARAE, ARAEConfig
from textdis.systems.clip_classifier import ClipClassifier, ClipClassifierConfig, ClipClassifierObjective
from textdis.systems.collaborative import Collaborative, CollaborativeConfig, CollaborativeObjective
from textdis.systems.cross_aligned import CrossAligned, CrossAlignedConfig, CrossAlignedObjective
from textdis.systems.language_model import LanguageModel, LanguageModelConfig, LanguageModelObjective
from textdis.systems.mmd_traversal import MMDTraversal, MMDTraversalConfig, MMDTraversalObjective
from textdis.systems.mocogan import MoCoGAN, MoCoGANConfig, MoCoGANObjective
from textdis.systems.multitask import MultiBatch, MultiTaskAutoencoder, MultiTaskConfig, MultiTaskObjective
from textdis.systems.seq2seq import Seq2Seq, Seq2SeqConfig, Seq2SeqObjective
from textdis.systems.sequential_vae import SequentialVAE, SequentialVAEConfig, SequentialVAEObjective
from textdis.systems.text_classifier import TextClassifierObjective, TextCNN, TextCNNConfig
from textdis.systems.vgan import VGAN, VGANConfig, VGANObjective
from textdis.text.batches import Batches, collate
from textdis.training.trainer import Trainer, TrainerConfig
from textdis.video.batches import clip_batches

WORDS = range(6, 23)  # of the made language; 4 and 5 are slots


def sentences(count: int = 200) -> tuple[list[list[int]], list[int], list[list[int]]]:
    """Random words, the first telling the label; every second word is a noun."""
    rng = np.random.default_rng(0)
    rows, labels, nouns = [], [], []
    for i in range(count):
        label, words = i % 2, rng.choice(WORDS[2:], rng.integers(2, 6)).tolist()
        rows.append([BOS, WORDS[label], *words, EOS])
        labels.append(label)
        nouns.append(list(range(1, len(words) + 1, 2)))
    return rows, labels, nouns


def squares(count: int = 100) -> list[np.ndarray]:
    """Clips of a square that moves to the right, in a colour of its own. uint8 [6, 16, 16, 3]"""
    rng = np.random.default_rng(0)
    clips = np.zeros((count, 6, 16, 16, 3), np.uint8)
    for clip, colour, top in zip(clips, rng.integers(99, 256, (count, 3)), rng.integers(0, 12, count), strict=True):
        for t, frame in enumerate(clip):
            frame[top : top + 5, 2 * t : 2 * t + 5] = colour
    return list(clips)


def batches(pairs: bool | str, seed: int = 0) -> Batches:
    if pairs == "clips":
        return clip_batches(squares(), [i % 2 for i in range(100)], batch_size=11, frames=4, seed=seed)
    rows, labels, nouns = sentences()

    def pair(index: np.ndarray, rng: np.random.Generator) -> PairBatch:
        batch = collate([rows[i] for i in index], [labels[i] for i in index], [nouns[i] for i in index])
        return PairBatch(batch, batch)

    def many(index: np.ndarray, rng: np.random.Generator) -> MultiBatch:
        batch = collate([rows[i] for i in index])
        return MultiBatch(batch, {"copy": batch, "first": collate([rows[i][:2] + [EOS] for i in index])})

    makers = {False: None, True: pair, "many": many}
    return Batches(rows, labels, nouns, batch_size=23, seed=seed, transform=makers[pairs])


@dataclass(frozen=True)
class Row:
    make: Any  # -> Objective
    pairs: bool | str  # batches: plain, in pairs, with `many` targets, or of `clips`
    main: str  # the loss that must fall
    steps: int
    share: float  # of its first value


def seq2seq(**fields: Any) -> Any:
    config = Seq2SeqConfig(23, embedding=13, hidden=29, units=7, dropout=0.0, **fields)
    return lambda: Seq2SeqObjective(Seq2Seq(config), lr=1e-2)


def collaborative(**options: Any) -> Any:
    sizes = {"embedding": 13, "hidden": 29, "units": 7, "dropout": 0.1}
    config = CollaborativeConfig(23, 2, 2, sizes, {"embedding": 11, "filters": 5, "heights": [1, 2]})
    return lambda: CollaborativeObjective(Collaborative(config), lr=1e-2, **options)


def arae(styles: int = 2, **options: Any) -> Any:
    config = ARAEConfig(23, styles, embedding=13, code=17, hidden=19, noise=5, generator=(11,))
    return lambda: ARAEObjective(ARAE(config), hidden=(7,), optimizer=partial(torch.optim.Adam, lr=1e-2), **options)


def multitask(**options: Any) -> Any:
    config = MultiTaskConfig(23, {"copy": 23, "first": 23}, embedding=13, hidden=29, representation=7, **options)
    return lambda: MultiTaskObjective(MultiTaskAutoencoder(config), optimizer=partial(torch.optim.Adam, lr=1e-2))


def traversal(**options: Any) -> Any:
    config = MMDTraversalConfig(23, embedding=52, filters=13)
    return lambda: MMDTraversalObjective(MMDTraversal(config), lr=1e-2, **options)


def sequential_vae(**options: Any) -> Any:
    config = SequentialVAEConfig(size=3, pixels=16, width=5, features=7, hidden=11, **options)
    return lambda: SequentialVAEObjective(SequentialVAE(config), optimizer=partial(torch.optim.Adam, lr=1e-2))


ADVERSARIES = {  # critics so much faster that they must come to tell real from generated
    name: partial(torch.optim.Adam, lr=lr, betas=(0.5, 0.999)) for name, lr in (("optimizer", 1e-4), ("critic", 1e-2))
}


def mocogan(kinds: int = 0, points: bool = False, **options: Any) -> Any:
    config = MoCoGANConfig(
        content=7, motion=5, noise=3, pixels=16, width=3, frames=4, kinds=kinds, points=points, hidden=11
    )
    return lambda: MoCoGANObjective(MoCoGAN(config), **ADVERSARIES, **options)


def vgan() -> Any:
    return VGANObjective(VGAN(VGANConfig(code=7, pixels=16, width=3, frames=4)), **ADVERSARIES)


def clip_classifier() -> Any:
    config = ClipClassifierConfig((2,), pixels=16, frames=4, width=3, features=7)
    return ClipClassifierObjective(ClipClassifier(config), optimizer=partial(torch.optim.Adam, lr=1e-2))


ROWS = {
    "arae": Row(arae(), False, "nll", 60, 0.8),
    "arae without styles, gradient penalty": Row(arae(1, lipschitz="penalty"), False, "nll", 60, 0.8),
    "arae, uniform confusion, spectral": Row(arae(confusion="uniform", lipschitz="spectral"), False, "nll", 60, 0.8),
    "clip classifier": Row(clip_classifier, "clips", "nll", 120, 0.7),
    "cross-aligned autoencoder": Row(
        lambda: CrossAlignedObjective(
            CrossAligned(CrossAlignedConfig(23, embedding=13, style=5, content=17)),
            optimizer=partial(torch.optim.Adam, lr=1e-2),
            ceiling=10.0,
        ),
        False,
        "nll",
        60,
        0.9,
    ),
    "mocogan": Row(mocogan(), "clips", "fake", 60, 0.8),
    "mocogan, points, pairs": Row(mocogan(0, True, paired=True, at_once=True), "clips", "pair", 60, 0.8),
    "mocogan, kinds of motion, no image critic": Row(mocogan(2, image=False), "clips", "fake", 60, 0.8),
    "multi-task autoencoder": Row(multitask(), "many", "copy", 90, 0.8),
    "multi-task autoencoder, tanh, backwards, veiled": Row(
        multitask(activation="tanh", backwards=True, veil=0.2), "many", "first", 90, 0.5
    ),
    "plain autoencoder": Row(arae(lambda1=0.0, lambda2=0.0), False, "nll", 60, 0.8),
    "seq2seq": Row(seq2seq(), True, "nll", 120, 0.6),
    "seq2seq lstm, two layers": Row(seq2seq(cell="lstm", layers=2, bidirectional=False), True, "nll", 120, 0.6),
    "seq2seq multiplicative": Row(seq2seq(attention="multiplicative", styles=2), True, "nll", 120, 0.3),
    "seq2seq without a pointer": Row(seq2seq(copy=False, tied=False), True, "nll", 120, 0.6),
    "collaborative": Row(collaborative(), True, "rec", 60, 0.8),
    "collaborative, softmax through time": Row(collaborative(replay=False, mode="softmax"), True, "rec", 60, 0.9),
    "collaborative, gumbel": Row(collaborative(mode="gumbel", temperature=0.5), True, "rec", 60, 0.8),
    "collaborative, warming up": Row(collaborative(warmup=10**6, edited=3.0), True, "class_od", 60, 0.5),
    "sequential vae": Row(sequential_vae(), "clips", "nll", 60, 0.5),
    "sequential vae, shallow, in parts, with memory": Row(
        sequential_vae(layers=2, parts=2, memory=4), "clips", "nll", 60, 0.5
    ),
    "text classifier": Row(
        lambda: TextClassifierObjective(
            TextCNN(TextCNNConfig(23, embedding=7, filters=13, dropout=0.1)),
            optimizer=partial(torch.optim.Adam, lr=1e-2),
        ),
        False,
        "nll",
        60,
        0.2,
    ),
    "vgan": Row(vgan, "clips", "fake", 60, 0.8),
    "traversal": Row(traversal(), False, "nll", 60, 0.6),
    "traversal, warming up, half the softmax": Row(traversal(warmup=2, share=0.5), False, "nll", 60, 0.6),
    "language model": Row(
        lambda: LanguageModelObjective(LanguageModel(LanguageModelConfig(23, hidden=13))),
        False,
        "nll",
        150,
        0.95,
    ),
}
table = pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)


def built(row: Row, seed: int = 0) -> Any:
    torch.manual_seed(seed)
    return row.make()


def trainer(row: Row, steps: int, output: Any = None) -> Trainer:
    config = TrainerConfig(steps=steps, device="cpu", log_every=1, save_every=1)
    return Trainer(built(row), config, output)


def weights(objective: Any) -> dict[str, torch.Tensor]:
    return {name: value.detach().clone() for name, value in objective.state_dict().items()}


@table
def test_a_turn_changes_its_player_and_nobody_else(row):
    objective = built(row).train()
    players = objective.players()
    named = {id(p): name for name, p in objective.named_parameters()}
    for step in range(3):
        for turn in objective.turns(iter(batches(row.pairs)), step):
            before = weights(objective)
            player = players[turn.player]
            player.backward(turn.total)
            player.step()
            own = {named[id(p)] for p in player.parameters}
            after = weights(objective)
            changed = {name for name in named.values() if not torch.equal(before[name], after[name])}
            assert changed <= own
            # what the first batch cannot reach (an unused style table) may stand still, nearly nothing else
            assert len(changed) >= 0.7 * len(own)


@table
def test_one_random_seed_repeats_exactly(row, tmp_path):
    runs = [trainer(row, 3), trainer(row, 3)]
    for run in runs:
        run.fit(batches(row.pairs))
    first, second = (weights(run.objective) for run in runs)
    assert all(torch.equal(first[name], second[name]) for name in first)


@table
def test_a_resumed_run_ends_in_the_same_numbers(row, tmp_path):
    through = trainer(row, 3)
    through.fit(batches(row.pairs))
    trainer(row, 2, tmp_path).fit(batches(row.pairs))
    resumed = trainer(row, 3, tmp_path)
    resumed.fit(batches(row.pairs))
    first, second = weights(through.objective), weights(resumed.objective)
    assert all(torch.equal(first[name], second[name]) for name in first)


@table
def test_learns_a_task_a_child_could_learn(row):
    objective = built(row).train()
    players, losses = objective.players(), []
    feed = itertools.cycle([next(batches(row.pairs, seed)) for seed in range(8)])
    for step in range(row.steps):
        found: dict[str, torch.Tensor] = {}
        for turn in objective.turns(feed, step):
            players[turn.player].backward(turn.total)
            players[turn.player].step()
            found |= turn.losses
        losses.append(found[row.main].item())
    assert np.mean(losses[-5:]) < row.share * np.mean(losses[:3])
