"""Text attribute transfer with a collaborative classifier: Melnyk et al. (2017).

Encoder E(x, s_i), decoder G(H, s_j) with attention, and one CNN classifier C lower the sum of six losses
together (eq. 7, algorithm 1); nobody plays against anybody. Where the paper is silent or ambiguous:

- Gradients pass through generated text as rows of probabilities; mode and temperature are the
  objective's. The transfer branch runs free: either all the way on soft words (`nn/soft.py`), or, with
  `replay`, on the words it would say at inference, which are then read back in one teacher-forced pass, so
  that gradients reach every word's choice but not the feedback of one word on the next, in less
  time, and on real text. Reconstruction and back-transfer are teacher-forced.
- Eq. 2 conditions on s_i although its branch transfers to s_j: read as s_j. Each source noun is paired with
  the decoder step that attends to it most, before the sentence's end; the pairing carries no gradient.
- Eq. 6 classifies the words of the back-transfer that eq. 5 has decoded, so that a batch is encoded and
  soft-decoded once.
- p(y | x) alone likes what is short and leaves things out. Several candidates are ranked by a weighted mean of log
  p(y | x) and log p(x | y), as Li et al. (2016), "A Diversity-Promoting Objective Function for Neural Conversation
  Models", rank answers; and by log p(y), where a model was also taught to speak without a source (`prior`): it knows
  broken grammar by that.
- Reconstruction (eq. 1) may be denoising: a PairBatch's source is a corrupted copy of its target, labelled
  with the style the copy now looks like. `warmup` steps of it, with eq. 4, come before the other four.

Axes: B sentences, S source tokens, T target tokens, V vocabulary, K styles, N candidates.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from typing import Annotated, Any

import torch
import torch.nn.functional as F
from torch import Tensor

from textdis.core.batch import BOS, EOS, PAD, PairBatch, TextBatch, begun, flattened
from textdis.core.model import Model
from textdis.core.objective import Objective, Player, Turn, weighed
from textdis.core.schedule import Schedule
from textdis.losses.likelihood import EPS, emphasis, label_nll, masked_sum, noun_nll
from textdis.nn import decoding, soft
from textdis.systems.seq2seq import Seq2Seq, Seq2SeqConfig, SoftSource
from textdis.systems.text_classifier import TextCNN, TextCNNConfig

Found = tuple[Tensor, Tensor]  # tokens [B, N, T] without `<s>`, scores [B, N] in nats


@dataclass(frozen=True)
class CollaborativeConfig:
    """`seq2seq` and `classifier` hold the fields of Seq2SeqConfig and TextCNNConfig beyond the shared ones."""

    vocabulary: int
    styles: int = 2
    slots: int = 0
    seq2seq: Annotated[dict[str, Any], Seq2SeqConfig] = field(default_factory=dict)
    classifier: Annotated[dict[str, Any], TextCNNConfig] = field(default_factory=dict)
    back: float = 1.0  # weight among candidates of log p(x | y), beside 1 of log p(y | x)
    prior: float = 0.0  # and of log p(y | style, no source); 0: nobody taught the model to say it
    searched: int = 1  # beams for each candidate that is asked for: those that have the style are kept


class Collaborative(Model):
    """E, G and C, which are all needed to transfer: C tells the style a sentence has."""

    Config = CollaborativeConfig
    config: CollaborativeConfig

    def __init__(self, config: CollaborativeConfig):
        super().__init__(config)
        c = config
        self.seq2seq = Seq2Seq(Seq2SeqConfig(c.vocabulary, styles=c.styles, slots=c.slots, **c.seq2seq))
        self.classifier = TextCNN(TextCNNConfig(c.vocabulary, c.styles, **c.classifier))
        # a saved model names every size, so that it outlives a change of defaults
        self.config = replace(
            c,
            seq2seq=_beyond(self.seq2seq.config, "vocabulary", "styles", "slots"),
            classifier=_beyond(self.classifier.config, "vocabulary", "classes"),
        )

    def classify(self, batch: TextBatch) -> Tensor:
        """Log-probabilities of the styles. [B, K]"""
        return self.classifier(batch.tokens, batch.valid).log_softmax(-1)

    def list_words(self, listed: Tensor) -> None:
        """From now on sentences have the words marked in `listed`, [V] or by style [K, V] bool, and their source's."""
        self.seq2seq.list_words(listed)
        self.config = replace(self.config, seq2seq=_beyond(self.seq2seq.config, "vocabulary", "styles", "slots"))

    def candidates(self, batch: TextBatch, target: Tensor, n_best: int = 4, max_length: int | None = None) -> Found:
        """Rewritings of `batch` in the styles `target` [B], best first; `batch.label` is the style it has.

        `max_length` is in words, by default each sentence's `decoding.room`. Returns tokens [B, N, T] (`<s>` is left
        out) and scores [B, N] in nats: log p(y | x) of a greedy one, of several that and `evidence`, over 1 + `back`.
        """
        lists = target if self.seq2seq.config.listed_apart else torch.zeros_like(target)
        return decoding.apart(lists, lambda of, k: self._found(batch.rows(of), target[of], k, n_best, max_length))

    def _found(self, batch: TextBatch, target: Tensor, words: int, n_best: int, most: int | None) -> Found:
        """`candidates` of the words that are listed for style `words`."""
        network, source, ids = self.seq2seq.narrowed(batch, words)
        state = network.start(source, target)
        limit = most or decoding.room(batch.lengths)
        if n_best == 1:
            tokens, scores = decoding.greedy(network.step, state, limit)
            return ids[tokens][:, None], scores[:, None]
        tokens, means = decoding.beam(network.step, state, limit, n_best * self.config.searched)
        tokens = ids[tokens]
        forth = means * (tokens != PAD).sum(-1).clamp(min=1)  # minus infinity where a beam found nothing
        if self.config.searched > 1:
            found = self.classify(flattened(tokens)).argmax(-1).view_as(forth)
            tokens, forth = decoding.preferred(tokens, forth, found == target[:, None], n_best)
        y, rows = begun(tokens, target)
        weighed = (forth + self.evidence(batch.rows(rows), y).view_as(forth)) / (1 + self.config.back)
        scores, order = weighed.sort(-1, descending=True)
        return tokens.gather(1, order[..., None].expand_as(tokens)), scores

    def evidence(self, x: TextBatch, y: TextBatch) -> Tensor:
        """`back` times log p(x | y) of each rewriting y, and `prior` times log p(y | style); nats a sentence. [B]"""
        network, scores = self.seq2seq, torch.zeros(len(y), device=y.tokens.device)
        if self.config.back:
            scores = self.config.back * network.log_likelihood(network.start(y, x.style), x)
        if self.config.prior:
            scores = scores + self.config.prior * network.log_likelihood(network.start(unsaid(x), y.style), y)
        return scores

    def pair_nll(self, pair: PairBatch, edited: float = 1.0) -> Tensor:
        """-log p(target | source) in nats a sentence; words that the source lacks count `edited` times."""
        nats = self.seq2seq.token_nll(self.seq2seq.start(pair.source, pair.target.style), pair.target)
        return masked_sum(nats, pair.target.mask, emphasis(pair, edited))

    def scores(self, x: TextBatch, y: TextBatch) -> Tensor:
        """What rewritings y of x are ranked by, in nats a sentence; gradients pass. [B]"""
        forth = self.seq2seq.log_likelihood(self.seq2seq.start(x, y.style), y)
        return (forth + self.evidence(x, y)) / (1 + self.config.back)


def unsaid(x: TextBatch) -> TextBatch:
    """As many sentences without a word."""
    tokens = x.tokens.new_tensor([[BOS, EOS]]).expand(len(x), 2)
    return TextBatch(tokens, torch.full_like(x.lengths, 2), x.label)


def _beyond(config: Any, *shared: str) -> dict[str, Any]:
    return {name: value for name, value in asdict(config).items() if name not in shared}


class CollaborativeObjective(Objective):
    """Eq. 7. Losses in nats: rec, back_rec, content sum over a sentence; the classifier's are a sentence.

    `weights` are the paper's lambdas by name (no values given there; these were chosen on dev). A heavy
    back_rec teaches to copy, which wins the sentence back for nothing; a light class_od lets the classifier
    drift to what it is shown.
    `edited` is a factor on the reconstruction of words that the corrupted source lacks.
    """

    model: Collaborative

    def __init__(
        self,
        model: Collaborative,
        *,
        weights: dict[str, float] | None = None,
        warmup: int = 0,
        mode: soft.Mode = "softmax",
        temperature: float = 1.0,
        replay: bool = True,
        edited: float = 1.0,
        lr: float = 1e-3,
        schedule: Schedule | None = None,
    ):
        super().__init__(model)
        self.weights = weighed({
            "rec": 1.0, "content": 1.0, "back_rec": 0.1, "class_od": 20.0, "class_td": 10.0, "class_btd": 1.0,
        }, weights)  # fmt: skip
        self.warmup, self.edited = warmup, edited
        self.mode, self.temperature, self.replay = mode, temperature, replay
        self.lr, self.schedule = lr, schedule

    def players(self) -> dict[str, Player]:
        adam = partial(torch.optim.Adam, lr=self.lr)
        return {"model": Player(self.model, optimizer=adam, max_norm=5.0, schedule=self.schedule)}

    def turns(self, batches: Iterator[PairBatch], step: int) -> Iterator[Turn]:
        pair = next(batches)
        losses = self._real(pair)
        if step >= self.warmup:
            losses |= self._generated(pair.target)
        yield Turn("model", losses, self.weights)

    def _real(self, pair: PairBatch) -> dict[str, Tensor]:
        """Eqs. 1 and 4: what needs no generated text."""
        x = pair.target
        logits = self.model.classifier(x.tokens, x.valid)
        return {"rec": self.model.pair_nll(pair, self.edited), "class_od": label_nll(logits, x.style)}

    def _generated(self, x: TextBatch) -> dict[str, Tensor]:
        """Eqs. 2, 3, 5 and 6, from one transfer x -> y -> x of the batch."""
        wanted = self._other(x.style)
        y = self._transfer(x, wanted)
        losses = {"class_td": label_nll(self.model.classifier(y.rows, _open(y.tokens)), wanted)}
        if self.weights["content"]:
            losses["content"] = noun_nll(x, y.hidden["attention"], y.probs, _open(y.tokens))
        if self.weights["back_rec"] or self.weights["class_btd"]:
            probs, _ = self.model.seq2seq.forced(self.model.seq2seq.start(_read(y, wanted), x.style), x.inputs)
            nats = -_log(probs.gather(-1, x.targets[..., None]).squeeze(-1))
            back = self.model.classifier(probs, x.mask)
            losses |= {"back_rec": masked_sum(nats, x.mask), "class_btd": label_nll(back, x.style)}
        return losses

    def _transfer(self, x: TextBatch, wanted: Tensor) -> soft.SoftSentence:
        """x in the style `wanted`, decoded freely, as words that carry gradients."""
        seq2seq, limit = self.model.seq2seq, int(x.lengths.max())
        state = seq2seq.start(x, wanted)
        if not self.replay:
            soften: dict[str, Any] = {"mode": self.mode, "temperature": self.temperature}
            return soft.soft(seq2seq.step, state, limit, keep=("attention",), **soften)
        tokens = self._said(x, wanted, limit)
        inputs = F.pad(tokens, (1, 0), value=BOS)[:, :-1]
        probs, attention = seq2seq.forced(state, inputs)
        rows = soft.soften(probs, self.mode, self.temperature)
        return soft.SoftSentence(rows, probs, tokens, {"attention": attention})

    @torch.no_grad()
    def _said(self, x: TextBatch, wanted: Tensor, limit: int) -> Tensor:
        """What the model would say at inference: no dropout, greedy. [B, T]"""
        training = self.model.training
        self.model.eval()
        tokens = decoding.greedy(self.model.seq2seq.step, self.model.seq2seq.start(x, wanted), limit).tokens
        self.model.train(training)
        return tokens

    def _other(self, label: Tensor) -> Tensor:
        """A style drawn evenly from those a sentence does not have. [B]"""
        styles = self.model.config.styles
        return (label + torch.randint(1, styles, label.shape, device=label.device)) % styles


def _log(probs: Tensor) -> Tensor:
    return (probs + EPS).log()


def _read(y: soft.SoftSentence, style: Tensor) -> SoftSource:
    """y as a source, with the `<s>` that it lacks."""
    begin = F.one_hot(torch.full_like(y.tokens[:, :1], BOS), y.rows.shape[-1])
    return SoftSource(torch.cat([begin.to(y.rows), y.rows], 1), y.lengths + 1, style)


def _open(tokens: Tensor) -> Tensor:
    """Words before `</s>`. [B, T] bool"""
    return (tokens != PAD) & (tokens != EOS)
