"""Codes of sentences on movies and phones, and moves between their sentiments: Larsson et al. (2017), figure 2.

python scripts/traversal_picture.py runs/traversal/larsson2017-0/model --output docs/traversal_codes.png
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from textdis.core.errors import UserError
from textdis.core.pictures import FIGURES, check_picture

TOPICS, LABELS, EACH, MOVED = ("movie", "phone"), ("negative", "positive"), 45, 5


def main(
    model: Annotated[str, typer.Argument(help="folder of a model with one code a sentence")],
    output: Annotated[Path, typer.Option(help="png, jpg, pdf or svg")],
    budget: Annotated[float, typer.Option(help="lambda")] = 7e-5,
) -> None:
    import numpy as np

    import data_recipes
    from textdis.evaluation.codes_picture import draw_codes
    from textdis.pipelines.traverse import Traverse

    check_picture(output, *FIGURES)
    traverse, splits = Traverse.from_folder(model), data_recipes.load("larsson2017")
    known, dev = (by_group(splits[split]) for split in ("train", "dev"))
    examples = [[text for topic in TOPICS for text in known[label, topic][:EACH]] for label in (0, 1)]
    before, after = [], []
    for label, topic in ((0, "movie"), (1, "phone")):  # as in the paper
        journey = traverse.between(examples[label], examples[1 - label], budget=budget)
        before.append(traverse.codes.encode(dev[label, topic][:MOVED]))
        after.append(journey.move(before[-1]).codes.numpy())
        for moved in journey(dev[label, topic][:MOVED]):
            print(f"{moved.source}\t{moved.reconstruction}\t{moved.output}")
    groups = {
        f"{LABELS[label]}, {topic}": traverse.codes.encode(known[label, topic][:EACH])
        for topic in TOPICS
        for label in (0, 1)
    }
    title = f"{MOVED} negative sentences on movies and {MOVED} positive ones on phones, moved with lambda {budget:g}"
    draw_codes(output, groups, np.concatenate(before), np.concatenate(after), title=title)


def by_group(split: Any) -> dict[tuple[int, str], list[str]]:
    """Sentences of at most 15 words in model text, by label and by the one word of TOPICS that they hold."""
    from textdis.text.normalise import normalise

    groups: dict[tuple[int, str], list[str]] = {(label, topic): [] for label in (0, 1) for topic in TOPICS}
    for text, label in zip(map(normalise, split["text"]), split["label"], strict=True):
        held = [topic for topic in TOPICS if topic in text.split()]
        if len(held) == 1 and len(text.split()) <= 15:
            groups[label, held[0]].append(text)
    return groups


if __name__ == "__main__":
    try:
        typer.run(main)
    except UserError as error:
        raise SystemExit(f"error: {error}") from None
