"""A blind reading: outputs of several systems beside the copy and the human reference, each yes or no three times.

    python scripts/blind_reading.py sheet runs/reading --system yelp-sentiment --system runs/phrase-swap/model
    python scripts/blind_reading.py table runs/reading

The reader fills in style, content and grammar in sheet.jsonl and does not look into key.json.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from textdis.cli.scored import write_look
from textdis.core.errors import UserError

if TYPE_CHECKING:
    from datasets import Dataset

    from textdis.evaluation.sources import Sources

SHEET, KEY = "sheet.jsonl", "key.json"

app = typer.Typer(help="Draw a blinded sheet of outputs, and sum up what a reader found.")


@app.command()
def sheet(
    folder: Annotated[Path, typer.Argument(help="new folder for the sheet and its key")],
    system: Annotated[list[str], typer.Option(help="a model, or NAME=FILE of outputs in model text; many times")],
    split: Annotated[str, typer.Option(help="split to draw from")] = "dev",
    data: Annotated[str, typer.Option(help="recipe of the data")] = "yelp",
    size: Annotated[int, typer.Option(help="sources")] = 100,
    seed: Annotated[int, typer.Option(help="random seed of the draw")] = 0,
) -> None:
    """Draw `size` sources of a split and mix the systems' outputs for them with copies, word swaps and references.

    Of more than two styles a source stands once for each that it has not.
    """
    import data_recipes
    from textdis.evaluation.reading import blinded, write_records
    from textdis.evaluation.sources import Sources

    if (folder / KEY).exists():
        raise UserError(f"{folder}: holds a sheet already; give another folder, so that no verdict loses its key")
    splits = data_recipes.load(data)
    if split not in splits:
        raise UserError(f"--split {split}: {data} has no such split; it has {', '.join(splits)}")
    asked = Sources.from_dataset(splits[split], nouns=False)
    texts, wanted = list(asked.texts), [asked.label_names[k] for k in asked.targets]
    systems = anchors(asked, splits["train"])
    drawn = blinded(systems, texts, wanted, size=size, seed=seed)[0]
    chosen = {(item["source"], item["wanted"]) for item in drawn}
    for name in system:
        systems[name.partition("=")[0]] = shown(outputs(name, texts, wanted, chosen))
    items, key = blinded(systems, texts, wanted, size=size, seed=seed)
    folder.mkdir(parents=True, exist_ok=True)
    write_records(folder / SHEET, items)
    (folder / KEY).write_text(json.dumps(key, indent=1) + "\n", encoding="utf-8")
    typer.echo(f"{folder / SHEET}: {len(items)} items to read", err=True)
    write_look({name.partition("=")[0]: {} for name in system}, split, split, "readers", folder)  # who score later


def anchors(asked: Sources, train: Dataset) -> dict[str, list[str]]:
    """What stands beside every system: the copy, a swap of words and, where all sources have one, a human rewriting."""
    from textdis.evaluation.baselines import LexiconSwap

    swap = LexiconSwap.fit(train["text"][:], train["label"][:])
    found = {"copy": list(asked.texts), "lexicon swap": swap(asked.texts, asked.labels, asked.targets)}
    if len(asked.with_reference) == len(asked.texts):
        found["human reference"] = [row[0] for row in asked.references or ()]
    return found


def outputs(system: str, texts: list[str], wanted: list[str], chosen: set[tuple[str, str]]) -> list[str]:
    """What a system makes of the `chosen` texts (others stay empty); it is told the style that it shall reach."""
    from textdis.evaluation.sources import read_lines

    name, found, path = system.partition("=")
    if found:
        lines = read_lines(path)
        if len(lines) != len(texts):
            raise UserError(f"{path}: {len(lines)} lines for {len(texts)} sentences; line N must rewrite sentence N")
        return lines
    from textdis.pipelines import pipeline

    transfer, made = pipeline("transfer", name), [""] * len(texts)
    for style in dict.fromkeys(wanted):
        rows = [i for i, text in enumerate(texts) if wanted[i] == style and (text, style) in chosen]
        for i, output in zip(rows, transfer([texts[i] for i in rows], to=style), strict=True):
            made[i] = output
    return made


def shown(texts: list[str]) -> list[str]:
    """As model text, so that capitals and spacing tell nothing."""
    from textdis.text.normalise import normalise

    return [normalise(text) for text in texts]


@app.command()
def table(folder: Annotated[Path, typer.Argument(help="folder of a sheet that was filled in")]) -> None:
    """Per cent right in all three questions, by system."""
    from textdis.evaluation.reading import by_system, markdown_table, read_records

    try:
        key = json.loads((folder / KEY).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(f"{folder / KEY}: not the key of a sheet ({error})") from None
    groups = by_system(read_records(folder / SHEET), key, str(folder / SHEET))
    typer.echo(markdown_table(groups), nl=False)


if __name__ == "__main__":
    try:
        app()
    except UserError as error:
        raise SystemExit(f"error: {error}") from None
