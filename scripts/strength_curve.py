"""Accuracy against self-BLEU over `--strength`, beside every baseline: what more style costs in content.

python scripts/strength_curve.py yelp-sentiment runs/phrase-swap/model --output docs/strength.svg

One JSON line a point goes beside the picture. The source's style is told, candidates and everything else are as they
come. Choose on dev: a curve over a test split is as many looks at it as it has points.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from textdis.core.errors import UserError
from textdis.core.pictures import check_picture, whole_picture

if TYPE_CHECKING:
    from torch import Tensor

    from textdis.core.batch import TextBatch
    from textdis.pipelines.rewriter import TransferModel
    from textdis.pipelines.transfer import Transfer

STRENGTHS = (0.0, 0.25, 0.5, 0.75, 1.0)
KEPT = ("accuracy_cnn", "accuracy_linear", "self_bleu", "perplexity_ratio", "copy_rate")
JUDGE = "accuracy_linear"  # the stricter one

Point = dict[str, Any]  # system, strength (None: a baseline), scores


def main(
    model: Annotated[list[str], typer.Argument(help="models by name or folder")],
    output: Annotated[Path, typer.Option(help="SVG")],
    recipe: Annotated[str, typer.Option(help="recipe of the data, of two styles")] = "yelp",
    judges: Annotated[str, typer.Option(help="judges that ship, or a folder")] = "yelp",
    strength: Annotated[list[float] | None, typer.Option(help="0, 0.25, 0.5, 0.75 and 1 by default")] = None,
    n_best: Annotated[int, typer.Option(help="candidates to choose among")] = 4,
) -> None:
    import data_recipes
    from textdis.cli.systems import rewrite
    from textdis.evaluation.evaluate import evaluate_systems
    from textdis.evaluation.fitted import Baselines
    from textdis.evaluation.judges import Judges
    from textdis.evaluation.sources import Sources

    check_picture(output, "svg")
    splits = data_recipes.load(recipe)
    data, train = Sources.from_dataset(splits["dev"], every_direction=True, nouns=False), splits["train"]
    points = [(name, value) for name in model for value in strength or STRENGTHS]
    opened = {name: remembering(name) for name in model}
    systems = {
        f"{name}, {value:g}": rewrite(opened[name], data, True, strength=value, n_best=n_best) for name, value in points
    }
    swaps = Baselines.fit(train["text"][:], train["label"][:], names=data.label_names, origin=recipe)
    scores = evaluate_systems(systems, data, Judges.load(judges), swaps, samples=1).table
    found: list[Point] = [
        {"system": name, "strength": None} | scores[name] for name in scores if name not in systems
    ] + [{"system": name, "strength": value} | scores[f"{name}, {value:g}"] for name, value in points]
    found = [{key: point[key] for key in ("system", "strength", *KEPT)} for point in found]
    write(found, output)
    print(table(found))


def write(points: list[Point], output: Path) -> None:
    """The picture, and one JSON line a point beside it."""
    output.with_suffix(".jsonl").write_text("".join(json.dumps(point) + "\n" for point in points), encoding="utf-8")
    svg = draw(points)
    with whole_picture(output) as part:
        part.write_text(svg, encoding="utf-8")


def remembering(name: str) -> Transfer:
    """The pipeline of a model that searches the candidates of a batch once: strength only chooses among them."""
    from textdis.pipelines import pipeline

    opened = pipeline("transfer", name)
    opened.rewriter.model = Remembering(opened.rewriter.model)
    return opened


class Remembering:
    """A transfer model, and the candidates it made."""

    def __init__(self, model: TransferModel):
        self.model, self.classify = model, model.classify
        self.made: dict[bytes, tuple[Tensor, Tensor]] = {}

    def candidates(self, batch: TextBatch, target: Tensor, n_best: int = 4, max_length: int | None = None) -> Any:
        asked = (batch.tokens, batch.style, target)
        key = b"".join([*(tensor.numpy().tobytes() for tensor in asked), repr((n_best, max_length)).encode()])
        if key not in self.made:
            self.made[key] = self.model.candidates(batch, target, n_best, max_length)
        return self.made[key]


def table(points: list[Point]) -> str:
    """Markdown, one line a point."""
    from textdis.evaluation.report import markdown_table

    rows = {
        p["system"] + ("" if p["strength"] is None else f", strength {p['strength']:g}"): {k: p[k] for k in KEPT}
        for p in points
    }
    return markdown_table(rows)


def draw(points: list[Point]) -> str:
    """SVG: a line a model, its ends labelled, and a grey mark a baseline; the copy lies too far away to be drawn."""
    from textdis.evaluation.evaluate import COPY
    from textdis.evaluation.plots import curves

    shown = [p for p in points if p["system"] != COPY]
    strengths = [p["strength"] for p in shown if p["strength"] is not None]
    systems: dict[str, list[tuple[float, float, str]]] = {}
    for p in shown:
        end = f"{p['strength']:g}" if p["strength"] in (min(strengths), max(strengths)) else ""
        systems.setdefault(p["system"], []).append((p["self_bleu"], 100 * p[JUDGE], end))
    baselines = [p["system"] for p in shown if p["strength"] is None]
    return curves(systems, baselines, ("self-BLEU", "wanted style by the linear judge, %"))


if __name__ == "__main__":
    try:
        typer.run(main)
    except UserError as error:
        raise SystemExit(f"error: {error}") from None
