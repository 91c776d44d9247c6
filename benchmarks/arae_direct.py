"""ARAE for transfer written down directly, as Algorithm 1 of Zhao et al. (2018) reads: what `arae.py` measures against.

Two padded batches, one a style; each sub-step draws its own and encodes it anew; the output layer reads pads too; all
rows decode 50 steps. Plain PyTorch, of textdis the ids alone. Axes: B sentences, T tokens, D numbers of a code.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from textdis.core.batch import BOS, PAD

STEPS = 50  # of decoding
NOISE, CRITIC_STEPS, BOUND = 0.1, 5, 0.01


class DirectARAE(nn.Module):
    """One encoder, a decoder a style, one output layer, generator, critic, classifier; everything of size `size`."""

    def __init__(self, vocabulary: int, size: int = 128, noise_size: int = 32, styles: int = 2):
        super().__init__()
        self.words = nn.Embedding(vocabulary, size)
        self.encoder = nn.LSTM(size, size, batch_first=True)
        self.decoder_words = nn.ModuleList(nn.Embedding(vocabulary, size) for _ in range(styles))
        self.decoders = nn.ModuleList(nn.LSTM(2 * size, size, batch_first=True) for _ in range(styles))
        self.out = nn.Linear(size, vocabulary)
        self.generator = nn.Sequential(
            nn.Linear(noise_size, size), nn.BatchNorm1d(size), nn.ReLU(),
            nn.Linear(size, size), nn.BatchNorm1d(size), nn.ReLU(),
            nn.Linear(size, size),
        )  # fmt: skip
        self.critic = nn.Sequential(
            nn.Linear(size, size), nn.LeakyReLU(0.2), nn.Linear(size, size), nn.LeakyReLU(0.2), nn.Linear(size, 1)
        )
        self.classifier = nn.Sequential(
            nn.Linear(size, size), nn.LeakyReLU(0.2), nn.Linear(size, size), nn.LeakyReLU(0.2), nn.Linear(size, styles)
        )
        self.noise_size = noise_size

    def encode(self, tokens: Tensor) -> Tensor:
        """tokens [B, T] -> codes on the unit sphere [B, D]"""
        output, _ = self.encoder(self.words(tokens))
        last = (tokens != PAD).sum(1) - 1
        return F.normalize(output[torch.arange(len(tokens)), last], dim=-1)

    def nll(self, tokens: Tensor, style: int) -> Tensor:
        """-log p(x | noisy code, style), summed over the batch, in nats."""
        codes = self.encode(tokens)
        if self.training:
            codes = codes + NOISE * torch.randn_like(codes)
        inputs, targets = tokens[:, :-1], tokens[:, 1:]
        words = self.decoder_words[style](inputs)
        output, _ = self.decoders[style](torch.cat([words, codes[:, None].expand(-1, words.shape[1], -1)], -1))
        logits = self.out(output)  # [B, T-1, V]
        return F.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=PAD, reduction="sum")

    def fake(self, count: int) -> Tensor:
        return self.generator(torch.randn(count, self.noise_size))

    @torch.no_grad()
    def transfer(self, tokens: Tensor, style: int) -> Tensor:
        """The greedy sentence of each code in `style`, 50 words whatever comes. tokens [B, T] -> [B, 50]"""
        codes, state = self.encode(tokens), None
        word, said = torch.full((len(tokens),), BOS), []
        for _ in range(STEPS):
            x = torch.cat([self.decoder_words[style](word), codes], -1)
            output, state = self.decoders[style](x[:, None], state)
            word = self.out(output[:, 0]).argmax(-1)
            said.append(word)
        return torch.stack(said, 1)


class DirectTraining:
    """`step()` is one iteration of Algorithm 1 on a batch of each style, from endless iterators of tokens [B, T]."""

    def __init__(self, model: DirectARAE, batches: list[Iterator[Tensor]], weight: float = 1.0):
        self.model, self.batches, self.weight = model, batches, weight
        m = model
        self.autoencoder = [m.words, m.encoder, m.decoder_words, m.decoders, m.out]
        self.sgd = torch.optim.SGD(_parameters(*self.autoencoder), lr=1.0)
        self.encoder_sgd = torch.optim.SGD(_parameters(m.words, m.encoder), lr=1.0)
        self.adam = {
            name: torch.optim.Adam(getattr(m, name).parameters(), lr=1e-4, betas=(0.5, 0.999))
            for name in ("generator", "critic", "classifier")
        }
        self._clip()

    def step(self) -> float:
        """The loss of reconstruction, in nats a sentence."""
        m, x = self.model.train(), self._draw()
        nll = (m.nll(x[0], 0) + m.nll(x[1], 1)) / _count(x)  # (1)
        self._descend(nll, self.sgd, *self.autoencoder)
        for _ in range(CRITIC_STEPS):  # (2)
            x = self._draw()
            loss = -m.critic(self._codes(x).detach()).mean() + m.critic(m.fake(_count(x)).detach()).mean()
            self._descend(loss, self.adam["critic"])
            self._clip()
        x = self._draw()
        self._descend(
            F.cross_entropy(m.classifier(self._codes(x).detach()), _labels(x)), self.adam["classifier"]
        )  # (2b)
        x = self._draw()
        self._descend(-m.critic(m.fake(_count(x))).mean(), self.adam["generator"])  # (3)
        self._descend(self.weight * m.critic(self._codes(x)).mean(), self.encoder_sgd, m.words, m.encoder)
        x = self._draw()
        flipped = F.cross_entropy(m.classifier(self._codes(x)), 1 - _labels(x))  # (3b)
        self._descend(flipped, self.encoder_sgd, m.words, m.encoder)
        return nll.item()

    def _draw(self) -> list[Tensor]:
        return [next(batches) for batches in self.batches]

    def _codes(self, x: list[Tensor]) -> Tensor:
        return torch.cat([self.model.encode(tokens) for tokens in x])

    def _descend(self, loss: Tensor, optimizer: torch.optim.Optimizer, *clipped: nn.Module) -> None:
        self.model.zero_grad()
        loss.backward()
        if clipped:
            nn.utils.clip_grad_norm_(_parameters(*clipped), 1.0)
        optimizer.step()

    @torch.no_grad()
    def _clip(self) -> None:
        for p in self.model.critic.parameters():
            p.clamp_(-BOUND, BOUND)


def _parameters(*modules: nn.Module) -> list[nn.Parameter]:
    return [p for module in modules for p in module.parameters()]


def _count(x: list[Tensor]) -> int:
    return sum(map(len, x))


def _labels(x: list[Tensor]) -> Tensor:
    return torch.cat([torch.full((len(tokens),), style) for style, tokens in enumerate(x)])
