"""The syntax probe: do sentences of one form lie together in a space of sentence codes? Brunner et al. (2017), 4.1.

Any function from sentences to codes can be probed: our models (`pipelines/codes.py`), and any transformers encoder.

Axes: N sentences, D numbers of a code.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from textdis.core.errors import UserError
from textdis.metrics.syntax import clustering_error, control_codes, prototype_sentences

Encode = Callable[[Sequence[str]], np.ndarray]  # N sentences -> [N, D]

ANCHORS = {"oracle": "oracle tag counts", "bag-of-words": "bag of words", "length": "length", "random": "random"}


def probe(
    encode: Encode, *, runs: int = 100, fillings: int = 100, seed: int = 0
) -> tuple[dict[str, float], np.ndarray, np.ndarray]:
    """(clustering error and its company, the codes [N, D], the categories [N]) of an encoder."""
    texts, categories = prototype_sentences(fillings, seed)
    codes = np.asarray(encode(texts), float)
    return clustering_error(codes, categories, runs=runs, seed=seed), codes, categories


def anchor(name: str, *, fillings: int = 100, seed: int = 0) -> Encode:
    """An encoder that is no model, by its name in `ANCHORS`; the oracle knows the answers of just these sentences."""
    if name not in ANCHORS:
        raise UserError(f"no anchor {name!r}; there are {', '.join(ANCHORS)}")
    _, categories = prototype_sentences(fillings, seed)
    return lambda texts: control_codes(texts, categories, seed)[ANCHORS[name]]


def transformers_encoder(name: str | Path, *, device: str = "cpu", batch_size: int = 64) -> Encode:
    """The mean of the last layer's vectors over the tokens of each sentence, by a transformers model.

    name: a folder or a name on the hub; only safetensors are loaded. Raises UserError where it cannot be opened.
    """
    import torch
    from transformers import AutoModel, AutoTokenizer

    try:
        tokenizer: Any = AutoTokenizer.from_pretrained(name)
        model: Any = AutoModel.from_pretrained(name, use_safetensors=True).to(device).eval()
    except (OSError, ValueError, KeyError, ImportError) as error:
        raise UserError(f"{name}: not a model that transformers opens ({str(error).splitlines()[0]})") from None
    tokenizer.pad_token = tokenizer.pad_token or tokenizer.eos_token

    @torch.inference_mode()
    def encode(texts: Sequence[str]) -> np.ndarray:
        rows = []
        for start in range(0, len(texts), batch_size):
            # a tokenizer without marks of its own makes nothing of an empty sentence, and no model reads nothing
            part = [text or tokenizer.pad_token for text in texts[start : start + batch_size]]
            batch = tokenizer(part, padding=True, truncation=True, return_tensors="pt").to(device)
            vectors, mask = model(**batch).last_hidden_state.float(), batch["attention_mask"][..., None]
            rows.append(((vectors * mask).sum(1) / mask.sum(1).clamp(min=1)).cpu().numpy())
        return np.concatenate(rows)

    return encode
