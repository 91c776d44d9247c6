"""The card of a model: what it is, what it learned from, what it cannot do. Scores are added by evaluation."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path
from typing import Any

from textdis.core.model import IDIOMS
from textdis.experiments.data import Sentences

CARD = """# {title}

Rewrites a sentence from one style into another ({names}) and leaves its content: an attention encoder-decoder
with a pointer and a collaborative classifier (Melnyk et al., 2017), trained by textdis.

- **Trained on** {count:,} sentences ({counts}) from {source}; at most {longest} words each.
- **Random seed** {seed}; {steps:,} batches of {batch} sentences, {warmup:,} of them denoising only{init}.{verdicts}
- **Styles** {names}. **Language**: that of the sentences it was trained on, and no other.
- **Limits**: it knows the words and the topics of its data. Style that no word carries (sarcasm, a bad
  story told plainly) is missed. Longer sentences are cut into clauses, or left alone. What it writes is not
  true: a rewritten review reports what nobody has seen.
- **Misuse**: do not publish its output as what a person wrote or felt; faked reviews deceive readers and are
  unlawful in many countries.
- **Scores**: run `textdis evaluate --model` on this folder.
"""


def write_card(folder: Path, experiment: Any, sentences: Sentences, verdicts: int = 0) -> None:
    """Writes `folder/README.md` from what is known before any evaluation. verdicts: judged sentences that taught."""
    counts = Counter(sentences.labels)
    card = CARD.format(
        title=Path(experiment.output).name,
        names=", ".join(sentences.names),
        count=len(sentences.texts),
        counts=", ".join(f"{counts[k]:,} {name}" for k, name in enumerate(sentences.names)),
        source=f"the recipe {experiment.recipe}" if experiment.recipe else f"{len(experiment.data)} file(s) of its own",
        longest=max(len(text.split()) for text in sentences.texts),
        seed=experiment.seed,
        steps=experiment.steps,
        batch=experiment.batch_size,
        warmup=min(experiment.warmup, experiment.steps),
        init=", from an earlier model's weights" if experiment.init else "",
        verdicts=f"\n- **Verdicts** of readers on the rewritings of {verdicts:,} sentences." if verdicts else "",
    )
    (folder / "README.md").write_text(card, encoding="utf-8")


def keep_idioms(init: str, folder: Path) -> None:
    """What a person wrote beside the model that a run begins with holds for what it becomes."""
    if (path := Path(init) / IDIOMS).is_file():
        shutil.copyfile(path, folder / IDIOMS)


CODE_CARD = """# {title}

{what}, trained by textdis: each sentence goes through one vector of {size} numbers.

- **Trained on** {count:,} sentences ({counts}) from {source}; {passed:,} passed, at most {longest} words each.
- **Random seed** {seed}. **Use**: {use}.
- **Limits**: all that is said goes through one vector, so long or rare sentences come back changed, names first. It
  knows the language and the words of its data and no other.
- **Misuse**: do not publish its output as what a person wrote or felt.
- **Scores**: run `textdis evaluate --model` on this folder.
"""


def write_code_card(folder: Path, experiment: Any, sentences: Sentences, model: Any) -> None:
    """Writes `folder/README.md` of a model with one code a sentence."""
    counts, styled = Counter(sentences.labels), len(sentences.names) > 1
    arae = type(model).__name__ == "ARAE"
    uses = ["`textdis transfer --model FOLDER`"] * styled + ["`textdis sample FOLDER`"] * arae
    card = CODE_CARD.format(
        title=Path(experiment.output).name,
        what=f"{'An adversarially regularised' if arae else 'A cross-aligned'} autoencoder "
        f"({'Zhao et al., 2018' if arae else 'Shen et al., 2017'})",
        size=model.code_size,
        count=len(sentences.texts),
        counts=", ".join(f"{counts[k]:,} {name}" for k, name in enumerate(sentences.names)),
        source=f"the recipe {experiment.recipe}" if experiment.recipe else f"{len(experiment.data)} file(s) of its own",
        passed=experiment.sentences,
        longest=max(len(text.split()) for text in sentences.texts),
        seed=experiment.seed,
        use=", ".join(uses),
    )
    (folder / "README.md").write_text(card, encoding="utf-8")
