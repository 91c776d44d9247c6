"""What a transfer model says to a whole data set, once, in batches of similar length."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from textdis.systems.collaborative import Collaborative
from textdis.text.batches import Batches
from textdis.text.tokenizer import Tokenizer


@torch.inference_mode()
def transferred(
    model: Collaborative, tokenizer: Tokenizer, texts: Sequence[str], labels: Sequence[int], batch_size: int = 256
) -> list[str]:
    """The greedy rewriting of each sentence (model text) into the other of two styles: no reranking, no filter."""
    model.eval()
    outputs = [""] * len(texts)
    for rows, batch in Batches(tokenizer.encode_batch(texts), labels, batch_size=batch_size).once():
        batch = batch.to(model.device)
        tokens, _ = model.candidates(batch, 1 - batch.style, n_best=1)
        for i, ids in zip(rows.tolist(), tokens[:, 0].tolist(), strict=True):
            outputs[i] = tokenizer.decode(ids, texts[i])
    return outputs
