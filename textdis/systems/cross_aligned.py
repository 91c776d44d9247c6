"""Cross-aligned autoencoder, the baseline of ARAE and others: Shen et al. (2017), "Style Transfer from Non-Parallel
Text by Cross-Alignment", equations 7 and 8, algorithm 1.

Encoder and generator are GRUs whose first state holds the style y; the rest of the last state is the content z. One
discriminator a style tells hidden states of the generator that read real sentences of the style (teacher forcing) from
those of sentences transferred to it, fed by their own soft words (professor forcing). Where our papers are silent:

- They give no sizes. Those of the authors' code (200 + 500 units, dropout 0.5) take hours on a processor: the defaults
  are of ARAE's size, so that the comparison is even; from their code: Gumbel-softmax words at temperature 0.1, CNNs of
  1 to 5 steps as discriminators, Adam of rate 5e-4 and beta1 0.5, the encoder's loss -log D(transferred), and no
  adversarial loss while any discriminator is worse than 1.2 nats.
- Hidden states after the end of a sentence are hidden from the discriminators, which could tell lengths by them.
- For more than two styles the wanted one is drawn evenly from those a sentence does not have.

Axes: B sentences, T steps, E embedding, Y numbers of a style, Z of the content, H = Y + Z units, V words, S styles.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from textdis.core.batch import PAD, TextBatch
from textdis.core.model import Model
from textdis.core.objective import Objective, OptimizerFactory, Player, Turn
from textdis.core.precision import half_if_allowed
from textdis.core.schedule import Schedule
from textdis.losses.vocabulary import vocabulary_logits, vocabulary_nll
from textdis.nn import decoding
from textdis.nn.decoding import DecoderState
from textdis.nn.groups import CodeEncoder, label_groups
from textdis.nn.recurrent import RecurrentDecoder
from textdis.nn.soft import gumbel_words, run_softly

ADAM: OptimizerFactory = partial(torch.optim.Adam, lr=5e-4, betas=(0.5, 0.999), fused=True)


@dataclass(frozen=True)
class CrossAlignedConfig:
    vocabulary: int
    styles: int = 2
    embedding: int = 128
    style: int = 32  # numbers of y
    content: int = 128  # numbers of z
    dropout: float = 0.2

    def __post_init__(self) -> None:
        if self.styles < 2:
            raise ValueError(f"{self.styles} styles: cross-alignment needs two or more")


class CrossAligned(Model):
    """E(x, y) -> z and G(y, z) -> x."""

    Config = CrossAlignedConfig
    config: CrossAlignedConfig

    def __init__(self, config: CrossAlignedConfig):
        super().__init__(config)
        c, hidden = config, config.style + config.content
        self.style_in, self.style_out = nn.Embedding(c.styles, c.style), nn.Embedding(c.styles, c.style)
        self.encoder = CodeEncoder(c.vocabulary, c.embedding, hidden, cell="gru")
        self.decoder = RecurrentDecoder(c.embedding, hidden, cell="gru")
        self.drop = nn.Dropout(c.dropout)
        self.out = nn.Linear(hidden, c.vocabulary)

    @property
    def code_size(self) -> int:
        return self.config.content

    def encode(self, batch: TextBatch) -> Tensor:
        """The content of each sentence, whose style must be known. [B, Z]"""
        start = F.pad(self.style_in(batch.style), (0, self.config.content))
        return self.encoder(batch.tokens, batch.lengths, start)[:, self.config.style :]

    def start(self, content: Tensor, label: Tensor) -> DecoderState:
        """The generator before its first word, content [B, Z] in the styles `label` [B]."""
        return DecoderState({"rnn": torch.cat([self.style_out(label), content], -1)}, {})

    def step(self, token: Tensor, state: DecoderState) -> tuple[Tensor, DecoderState]:
        """One word. token [B] ids -> log-probabilities [B, V], next state"""
        output, state = self.advance(token, state)
        return vocabulary_logits(output, self.out.weight, self.out.bias).log_softmax(-1), state

    def advance(self, token: Tensor, state: DecoderState) -> tuple[Tensor, DecoderState]:
        """What the output layer reads, [B, H], and the next state. token [B] ids, or [B, E] vectors of soft words"""
        with half_if_allowed(token.device):
            words = token if token.is_floating_point() else self.encoder.embed(token)
            output, rnn = self.decoder(self.drop(words)[:, None], state.hidden["rnn"])
        return self.drop(output[:, 0]), DecoderState({"rnn": rnn}, state.source)

    def forced(self, batch: TextBatch, content: Tensor) -> Tensor:
        """The generator's states before each word of the sentences, in their own styles. [B, T-1, H]"""
        words = self.drop(self.encoder.embed(batch.inputs))
        with half_if_allowed(words.device):
            return self.decoder(words, self.start(content, batch.style).hidden["rnn"])[0].float()

    def classify(self, batch: TextBatch) -> Tensor:
        """Log-probabilities of the styles by Bayes' rule, from p(x | E(x, y), y) and even priors. [B, S]"""
        columns = []
        for style in range(self.config.styles):
            told = TextBatch(batch.tokens, batch.lengths, torch.full_like(batch.lengths, style))
            logits = self.out(self.forced(told, self.encode(told))).float()
            nats = F.cross_entropy(logits.transpose(1, 2), batch.targets, reduction="none", ignore_index=PAD)
            columns.append(-nats.sum(-1))
        return torch.stack(columns, -1).log_softmax(-1)

    def candidates(
        self, batch: TextBatch, target: Tensor, n_best: int = 4, max_length: int | None = None
    ) -> tuple[Tensor, Tensor]:
        """Rewritings in the styles `target` [B], best first; tokens [B, N, T], mean log-probability a token [B, N].

        Where the batch does not tell the styles its sentences have, the model judges.
        """
        if batch.label is None:
            batch = TextBatch(batch.tokens, batch.lengths, self.classify(batch).argmax(-1))
        state, limit = self.start(self.encode(batch), target), max_length or decoding.room(batch.lengths)
        if n_best > 1:
            return decoding.beam(self.step, state, limit, n_best)
        tokens, scores = decoding.greedy(self.step, state, limit)
        return tokens[:, None], (scores / (tokens != PAD).sum(-1))[:, None]


class StateCritic(nn.Module):
    """Logit that a sequence of states is of a real sentence. states [B, T, H], valid [B, T] bool -> [B]"""

    def __init__(self, hidden: int, filters: int = 64, heights: tuple[int, ...] = (1, 2, 3, 4, 5)):
        super().__init__()
        self.heights = heights
        self.filters = nn.ModuleList(nn.Conv1d(hidden, filters, height) for height in heights)
        self.out = nn.Linear(filters * len(heights), 1)

    def forward(self, states: Tensor, valid: Tensor) -> Tensor:
        x, pooled = (states * valid[..., None]).transpose(1, 2), []
        with half_if_allowed(x.device):
            for convolution, height in zip(self.filters, self.heights, strict=True):
                features = convolution(F.pad(x, (0, height - 1)))
                pooled.append(F.leaky_relu(features).masked_fill(~valid[:, None], -1e4).amax(-1))
        return self.out(torch.cat(pooled, -1).float()).squeeze(-1)


class CrossAlignedObjective(Objective):
    """`nll` in nats a sentence, `adversarial` of weight `weight`; the critics' cross entropy by style, in nats."""

    model: CrossAligned

    def __init__(
        self,
        model: CrossAligned,
        *,
        weight: float = 1.0,
        temperature: float = 0.1,  # of the soft words
        ceiling: float = 1.2,  # nats of the worst discriminator, above which it has nothing to teach
        optimizer: OptimizerFactory = ADAM,
        schedule: Schedule | None = None,  # of the autoencoder's learning rate
    ):
        super().__init__(model)
        c = model.config
        self.weight, self.temperature, self.ceiling, self.optimizer = weight, temperature, ceiling, optimizer
        self.schedule = schedule
        self.critics = nn.ModuleList(StateCritic(c.style + c.content) for _ in range(c.styles))

    def players(self) -> dict[str, Player]:
        return {
            "autoencoder": Player(self.model, optimizer=self.optimizer, max_norm=30.0, schedule=self.schedule),
            "critics": Player(self.critics, optimizer=self.optimizer),
        }

    def turns(self, batches: Iterator[TextBatch], step: int) -> Iterator[Turn]:
        x, m = next(batches), self.model
        content = m.encode(x)
        states = m.forced(x, content)
        nats = vocabulary_nll(m.drop(states[x.mask]), m.out.weight, m.out.bias, x.targets[x.mask])
        losses = {"nll": nats / len(x)}
        if not self.training:
            yield Turn("autoencoder", losses)
            return
        wanted = (x.style + torch.randint(1, m.config.styles, x.style.shape, device=x.style.device)) % m.config.styles
        moved, valid = self._transferred(x, content, wanted)
        errors = self._errors(states.detach(), moved.detach(), x, valid, wanted)  # the first turn moves no critic
        if max(error.item() for error in errors.values()) < self.ceiling:
            losses["adversarial"] = torch.stack(list(self._judged(moved, valid, wanted, real=True).values())).sum()
        yield Turn("autoencoder", losses, {"adversarial": self.weight})
        yield Turn("critics", errors)

    def _transferred(self, x: TextBatch, content: Tensor, wanted: Tensor) -> tuple[Tensor, Tensor]:
        """The generator's states [B, T, H] while it says soft words in the wanted styles, valid up to `</s>` [B, T]."""
        m, limit = self.model, int(x.lengths.max()) - 2
        draw = partial(gumbel_words, weight=m.out.weight, bias=m.out.bias, table=m.encoder.embed.weight)
        with half_if_allowed(content.device):  # around all steps: weights are cast once
            tokens, hidden = run_softly(
                m.advance, m.start(content, wanted), limit, partial(draw, temperature=self.temperature), ("rnn",), True
            )
        return hidden["rnn"], tokens != PAD

    def _judged(self, states: Tensor, valid: Tensor, label: Tensor, *, real: bool) -> dict[str, Tensor]:
        """-log D_y(real), or -log(1 - D_y), of the states [B, T, H] of each style, mean over its own sentences."""
        found = {}
        for style, rows in label_groups(label):
            logits = self.critics[style](states[rows], valid[rows])
            found[f"style_{style}"] = F.softplus(-logits if real else logits).float().mean()
        return found

    def _errors(self, states: Tensor, moved: Tensor, x: TextBatch, valid: Tensor, wanted: Tensor) -> dict[str, Tensor]:
        """What each style's discriminator lowers: on real sentences of the style and on those transferred to it."""
        real, false = self._judged(states, x.mask, x.style, real=True), self._judged(moved, valid, wanted, real=False)
        return {name: sum(side[name] for side in (real, false) if name in side) for name in real | false}  # type: ignore[misc]
