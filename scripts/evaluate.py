"""Scores a model, or a file of outputs in model text, beside the baselines:

    python scripts/evaluate.py --model runs/mine/model --split dev --judges runs/judges
    python scripts/evaluate.py --outputs mine.txt --split li.test --judges runs/judges

Choices are made on `dev`. Every look at a split called `...test` is written down in docs/test_runs.jsonl.
"""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from textdis.core.errors import UserError

if TYPE_CHECKING:
    from textdis.evaluation.evaluate import Sources

RUNS = Path(__file__).resolve().parents[1] / "docs" / "test_runs.jsonl"


def main(
    judges: Annotated[Path, typer.Option(help="folder that scripts/fit_judges.py wrote")],
    model: Annotated[str | None, typer.Option(help="model to run: name or folder")] = None,
    outputs: Annotated[Path | None, typer.Option(help="file to score instead: line N rewrites sentence N")] = None,
    split: Annotated[str, typer.Option(help="split to rewrite")] = "dev",
    data: Annotated[str, typer.Option(help="recipe of the data")] = "yelp",
    strength: Annotated[float, typer.Option(help="of the model: style against similarity")] = 0.5,
    n_best: Annotated[int, typer.Option(help="candidates a sentence")] = 4,
    min_similarity: Annotated[float, typer.Option(help="below it the source is kept")] = 0.4,
    neutral: Annotated[float | None, typer.Option(help="a style less probable counts as none; the model's own")] = None,
    known: Annotated[bool, typer.Option("--known", help="tell the model the style each sentence has")] = False,
    save: Annotated[Path | None, typer.Option(help="file for the outputs, in model text")] = None,
) -> None:
    import data_recipes
    from textdis.evaluation.baselines import LexiconSwap
    from textdis.evaluation.evaluate import Sources, evaluate_systems
    from textdis.evaluation.judges import Judges
    from textdis.evaluation.report import judges_note, markdown_table, record

    if (model is None) == (outputs is None):
        raise UserError("give either --model or --outputs")
    splits = data_recipes.load(data)
    if split not in splits:
        raise UserError(f"--split {split}: {data} has no such split; it has {', '.join(splits)}")
    opened, sources, train = Judges.load(judges), Sources.from_dataset(splits[split]), splits["train"]
    name, texts = str(model or outputs), read(outputs) if outputs else None
    if texts is None:
        options = {"strength": strength, "n_best": n_best, "min_similarity": min_similarity, "neutral": neutral}
        texts = rewrite(name, sources, known, **options)
    if save is not None:
        save.write_text("".join(line + "\n" for line in texts), encoding="utf-8")
    swap = LexiconSwap.fit(train["text"][:], train["label"][:])
    table = evaluate_systems({name: texts}, sources, opened, swap)
    if split.endswith("test"):
        command = shlex.join(["python", *sys.argv])
        record(RUNS, system=name, split=split, command=command, judges=opened.fingerprint, scores=table[name])
    print(markdown_table(table), judges_note(opened.held_out, opened.fingerprint), sep="\n", end="")


def read(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: not readable as UTF-8 text ({error})") from None


def rewrite(model: str, sources: Sources, known: bool, **options: float | None) -> list[str]:
    """What the pipeline makes of each sentence when asked for the style it has not, in model text.

    known: the pipeline is told the style that a sentence has; else its classifier judges, and a sentence that
    it finds neutral, or in the wanted style already, stays a copy.
    """
    from textdis.pipelines import pipeline
    from textdis.text.normalise import normalise

    transfer, outputs = pipeline("transfer", model), [""] * len(sources.texts)
    for label, name in enumerate(transfer.labels):
        rows = [i for i, found in enumerate(sources.labels) if found == label]
        ways = {"to": transfer.labels[1 - label], "source": name if known else None, **options}
        for i, line in zip(rows, transfer([sources.texts[i] for i in rows], **ways), strict=True):
            outputs[i] = normalise(line)
    return outputs


if __name__ == "__main__":
    try:
        typer.run(main)
    except UserError as error:
        raise SystemExit(f"error: {error}") from None
