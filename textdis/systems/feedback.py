"""Learning from readers which rewritings are right: a listwise loss over candidates of one sentence.

A collaborative model ranks its candidates by its own likelihoods: log p(y | x), log p(x | y) and log p(y | style)
(`Collaborative.evidence`). Readers who were shown several candidates of a sentence said which are right; the loss of a
sentence is

    -log sum over right y of exp(score(y) / t) / sum over all y of exp(score(y) / t)

the likelihood of the readers' choice under a softmax of the scores: ListNet's top-one loss (Cao et al., 2007, "Learning
to Rank: From Pairwise Approach to Listwise Approach") for several right answers. It moves the likelihoods themselves,
as Liu et al. (2022), "BRIO: Bringing Order to Abstractive Summarization", so that what is decoded changes with what is
ranked. What is right is also learnt as it stands: each right rewriting from its source, and the source from it, so
that readers who write one themselves teach what no candidate was. The classifier learns from the same sentences, which
differ in little but their style, and to be in doubt where readers found no style at all. Beside this stands, lightly,
the denoising that the model learnt from, which keeps the rest of what it knows.

Axes: G sentences, M rewritings of all of them, T tokens.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from textdis.core.batch import Batch, PairBatch, TextBatch
from textdis.core.objective import Objective, Player, Turn, weighed
from textdis.core.schedule import Schedule
from textdis.losses.likelihood import listwise
from textdis.systems.collaborative import Collaborative


@dataclass(frozen=True)
class VerdictBatch(Batch):
    """Sentences, rewritings of each, and what readers said of them."""

    source: TextBatch  # G sentences, in the styles they have
    rewriting: TextBatch  # M, in the styles they were to have
    owner: Tensor  # [M] int64: the row of `source` that each rewrites
    right: Tensor  # [M] bool

    def __len__(self) -> int:
        return len(self.source)


@dataclass(frozen=True)
class TaughtBatch(Batch):
    """What one step learns from."""

    said: PairBatch  # sentences and right rewritings, one from the other and the reverse
    pairs: PairBatch  # corrupted and real sentences, as the model was trained on
    verdicts: VerdictBatch | None = None  # sentences with a wrong rewriting too, where readers marked any
    neutral: TextBatch | None = None  # sentences without a style, where readers found any

    def __len__(self) -> int:
        return len(self.verdicts or ()) + len(self.said) + len(self.pairs)


class FeedbackObjective(Objective):
    """`rank`; `say` and `rec`, the negative log-likelihoods of `said` and `pairs`; `class`; in nats a sentence.

    temperature: t above, in nats. weights: of the losses, by name. edited: a factor on words that a source lacks.
    """

    model: Collaborative

    def __init__(
        self,
        model: Collaborative,
        *,
        temperature: float = 1.0,
        weights: dict[str, float] | None = None,
        edited: float = 3.0,
        lr: float = 7e-4,
        schedule: Schedule | None = None,
    ):
        super().__init__(model)
        self.temperature, self.edited, self.lr, self.schedule = temperature, edited, lr, schedule
        self.weights = weighed({"rank": 1.0, "say": 0.3, "rec": 0.05, "class": 1.0}, weights)

    def players(self) -> dict[str, Player]:
        adam = partial(torch.optim.Adam, lr=self.lr)
        return {"model": Player(self.model, optimizer=adam, max_norm=5.0, schedule=self.schedule)}

    def turns(self, batches: Iterator[TaughtBatch], step: int) -> Iterator[Turn]:
        batch = next(batches)
        losses = {"class": self._class(batch)}
        if batch.verdicts is not None:
            losses["rank"] = self._rank(batch.verdicts, self._scores(batch.verdicts))
        for name, pair in (("say", batch.said), ("rec", batch.pairs)):
            losses[name] = self.model.pair_nll(pair, self.edited)
        yield Turn("model", losses, self.weights)

    def _class(self, batch: TaughtBatch) -> Tensor:
        """Cross-entropy of the styles, mean over the sentences; a neutral one has all styles alike."""
        said = batch.said.target
        losses = torch.nn.functional.nll_loss(self.model.classify(said), said.style, reduction="none")
        if batch.neutral is not None:
            losses = torch.cat([losses, -self.model.classify(batch.neutral).mean(-1)])
        return losses.mean()

    def _scores(self, batch: VerdictBatch) -> Tensor:
        return self.model.scores(batch.source.rows(batch.owner), batch.rewriting)

    def _rank(self, batch: VerdictBatch, scores: Tensor) -> Tensor:
        return listwise(scores / self.temperature, batch.owner, batch.right)

    @torch.no_grad()
    def validate(self, batch: VerdictBatch, step: int) -> dict[str, Tensor]:  # type: ignore[override]
        """`rank` on held-out verdicts, and `right`: minus the score of a right rewriting, in nats."""
        scores = self._scores(batch)
        return {"rank": self._rank(batch, scores), "right": -scores[batch.right].mean()}
