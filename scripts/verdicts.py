"""What blind readers found right, by system, and how well a ranking of candidates agrees with them.

python scripts/verdicts.py docs/verdicts.jsonl

A line of the file is one output: `row` of the Yelp dev split drawn with random seed `draw`, the systems that said it,
its verdict (style, content, grammar: y or n), and what a model thinks of it in nats: forth log p(y | x), back
log p(x | y), prior log p(y | style), style log p(style | y), and the log of its similarity.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from textdis.core.errors import UserError

Line = dict[str, Any]
WEIGHTS = [  # of forth, back, prior, style and similarity
    {"forth": 1.0, "back": back, "prior": prior, "style": 8.0, "similarity": 8.0}
    for prior in (0.0, 0.5, 1.0)
    for back in (0.0, 0.5, 1.0)
]


def main(file: Annotated[Path, typer.Argument(help="lines of verdicts")]) -> None:
    from textdis.evaluation.reading import QUESTIONS, markdown_table

    if not file.is_file():
        raise UserError(f"{file}: no such file; docs/verdicts.jsonl is the one that is kept")
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    systems: dict[str, list[Mapping[str, bool]]] = defaultdict(list)
    for line in lines:
        for name in line["systems"]:
            answers = zip(QUESTIONS, line["verdict"], strict=True)
            systems[name].append({question: answer == "y" for question, answer in answers})
    print(markdown_table(systems))
    groups = candidates(lines)
    print("| candidates of | sentences | " + " | ".join(map(said, WEIGHTS)) + " | any right |")
    print("| --- | ---: |" + " ---: |" * (len(WEIGHTS) + 1))
    for name, swap in (("the network", False), ("and phrase swap", True)):
        own = [[line for line in group if swap or not line["swap"]] for group in groups]
        right = [f"{100 * share_right(own, weights):.1f}" for weights in WEIGHTS]
        any_right = sum(any(line["verdict"] == "yyy" for line in group) for group in own) / len(own)
        print(f"| {name} | {len(own)} | {' | '.join(right)} | {100 * any_right:.1f} |")


def candidates(lines: Sequence[Line]) -> list[list[Line]]:
    """The outputs of each sentence that has a style, copies left out."""
    groups: dict[tuple[int, int], list[Line]] = defaultdict(list)
    for line in lines:
        if not line["neutral"] and not line.get("copy"):
            groups[line["draw"], line["row"]].append(line)
    return list(groups.values())


def share_right(groups: Sequence[Sequence[Line]], weights: Mapping[str, float]) -> float:
    """How often the candidate with the greatest weighted sum is right in all three; a sentence without any is not."""

    def score(line: Line) -> float:
        return sum(weight * line[name] for name, weight in weights.items())

    return sum(max(group, key=score)["verdict"] == "yyy" for group in groups if group) / len(groups)


def said(weights: Mapping[str, float]) -> str:
    return f"back {weights['back']:g}, prior {weights['prior']:g}"


if __name__ == "__main__":
    try:
        typer.run(main)
    except UserError as error:
        raise SystemExit(f"error: {error}") from None
