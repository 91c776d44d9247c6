"""What the decoders of a multi-task autoencoder make of held-out sentences."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from math import exp

import torch

from textdis.systems.multitask import MultiBatch, MultiTaskAutoencoder


@torch.inference_mode()
def perplexities(model: MultiTaskAutoencoder, batches: Iterable[MultiBatch]) -> dict[str, float]:
    """By decoder, exp of the mean -log p a symbol, `</s>` counted, targets given (Brunner et al., table 1).

    Per character or per tag, so neither comparable with each other nor with a perplexity per word.
    """
    nats: dict[str, float] = defaultdict(float)
    symbols: dict[str, int] = defaultdict(int)
    model.eval()
    for batch in batches:
        batch = batch.to(model.device)
        for name, own in model.nll(model.encode(batch.source), batch.targets).items():
            nats[name] += own.sum().item()
            symbols[name] += int(batch.targets[name].mask.sum())
    return {name: exp(nats[name] / symbols[name]) for name in symbols if symbols[name]}
