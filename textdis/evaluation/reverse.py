"""Reverse perplexity: how well a language model that read only generated sentences expects real ones.

Zhao et al. (2017), section 4, table 1. It finds what forward perplexity rewards: a generator that says one good
sentence again and again teaches its reader nothing else, and real text surprises that reader.
"""

from __future__ import annotations

from collections.abc import Sequence

from textdis.core.errors import UserError
from textdis.evaluation.fitting import JudgesConfig, fit_language
from textdis.text.tokenizer import WordTokenizer
from textdis.training.randomness import own_randomness


def reverse_perplexity(
    generated: Sequence[str],
    held_out: Sequence[str],
    words: Sequence[str],
    *,
    epochs: float = 10.0,
    seed: int = 0,
    hidden: int = 256,
    batch_size: int = 128,
    device: str = "auto",
) -> dict[str, float]:
    """A new LSTM reads `generated` for `epochs` passes and is then asked for `held_out`, real text; all model text.

    words: the closed vocabulary, of REAL training text, so that a word which was never generated still has mass; other
    words are `<unk>`. The paper gives none of these numbers. What is compared must share them all, and as many
    generated sentences; the same number of real ones is the bound. `</s>` counts. The caller's random generators stay
    as they were, so that it can be called in the middle of a training (`callbacks.Score`).
    Returns reverse_perplexity; reverse_unk_share: of the held-out words; reverse_sentences: that were generated.
    Raises UserError: no sentence.
    """
    if not len(generated) or not len(held_out):
        raise UserError(f"{len(generated)} generated and {len(held_out)} real sentences; give some of each")
    config = JudgesConfig(
        seed=seed, language_epochs=epochs, language_hidden=hidden, batch_size=batch_size, device=device
    )
    with own_randomness(seed):
        reader = fit_language(generated, WordTokenizer(words), config)
    found = reader.nll(held_out).summary()
    return {
        "reverse_perplexity": found["perplexity"],
        "reverse_unk_share": found["unk_share"],
        "reverse_sentences": float(len(generated)),
    }
