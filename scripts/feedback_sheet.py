"""Sheets on which readers mark the right ones among several rewritings, for `textdis train feedback --verdicts`.

    python scripts/feedback_sheet.py draw runs/sheets --system runs/pairs-prior/model --system runs/phrase-swap/model
    python scripts/feedback_sheet.py collect runs/sheets verdicts.jsonl.gz

`draw` writes brief.md, part_0.txt, part_1.txt ... A reader answers part_K.txt in answer_K.jsonl, as the brief says.
Without a `--system` there is nothing to mark, and readers write the rewritings themselves.
"""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from textdis.core.errors import UserError

if TYPE_CHECKING:
    from textdis.experiments.data import Sentences

SHORTEST, LONGEST = 4, 15  # words of a sentence
SURE = 0.4  # least probability, by the model, that a rewriting has its style
BRIEF = """# How to read

A block is a sentence of model text (lower case, spaces before punctuation, `_num_` for numbers), the style it is to be
rewritten into, and numbered attempts by several programs. Decide by reading which attempts are RIGHT. An attempt is
right if all three hold:

- style: who sees only the attempt says that it clearly has the wanted style; turned by half is not enough;
- content: it speaks of the same things, changed only as the style demands; nothing important is lost, nothing invented;
- grammar and sense: a native speaker would accept it. Faults that the source has already do not count against it; a
  wrong idiom, a missing, doubled or wrong word, and halves that contradict each other by "and" or "but" do.

Often none is right, sometimes several are. Be strict and even. A source without an opinion that could be turned is
neutral. For part_K.txt write answer_K.jsonl, a line a block, in order:

    {"n": 17, "right": [1, 3], "neutral": false}
"""

HOW_TO_WRITE = """# How to write

A block is a sentence of model text (lower case, spaces before punctuation, clitics apart as in `was n't`, `_num_` for
numbers) and the style it is to be rewritten into. Rewrite it so that three hold:

- style: who sees only your rewriting says that it clearly has the wanted style, in every clause;
- content: it speaks of the same things in the same order. Nouns, names, numbers, persons and events that carry no style
  stay; nothing is invented, nothing important is lost;
- grammar and sense: a native speaker would say it. A fault of the source is mended if that is easy.

Change as few words as that takes, and leave all others as they are. Say what truly is the opposite here, in plain words
that vary, and lean on no bare "not". Clauses that now agree are joined by "and", not by "but". Where an event is what
is bad, say the good one in its place. Write model text.

A source without an opinion that could be turned is neutral, and one that has the wanted style already is wrong: neither
gets a rewriting. For part_K.txt write answer_K.jsonl, a line a block, in order:

    {"n": 17, "written": "the crab cakes are flavorful and fresh ."}
    {"n": 18, "neutral": true}
    {"n": 19, "wrong": true}
"""

app = typer.Typer(help="Draw sheets of rewritings for readers, and collect their verdicts.")


@app.command()
def draw(
    folder: Annotated[Path, typer.Argument(help="new folder for the sheets and their key")],
    system: Annotated[list[str] | None, typer.Option(help="folder of a transfer model; many times, or never")] = None,
    recipe: Annotated[str, typer.Option(help="recipe of the sentences, whose training split is drawn from")] = "yelp",
    size: Annotated[int, typer.Option(help="sentences")] = 1000,
    seed: Annotated[int, typer.Option(help="random seed of the draw")] = 1,
    offered: Annotated[int, typer.Option(help="rewritings asked of each model")] = 8,
    shown: Annotated[int, typer.Option(help="of them shown at most, from each model")] = 5,
    part: Annotated[int, typer.Option(help="sentences a part")] = 125,
) -> None:
    """Rewrite `size` sentences by every system, and lay the attempts out in random order, in parts."""
    from textdis.experiments.data import read_sentences

    if (folder / "key.jsonl").exists():
        raise UserError(f"{folder}: holds sheets already; give another folder, so that no verdict loses its key")
    sentences = read_sentences((), recipe, LONGEST, size, seed)
    folder.mkdir(parents=True, exist_ok=True)
    rng = random.Random(seed)
    blocks = attempts(folder, system, sentences, offered, shown) if system else blanks(sentences, rng)
    rng.shuffle(blocks)
    for number, block in enumerate(blocks):
        rng.shuffle(block["rewritings"])
        block["n"] = number
    for start in range(0, len(blocks), part):
        text = "\n".join(laid_out(block) for block in blocks[start : start + part])
        (folder / f"part_{start // part}.txt").write_text(text, encoding="utf-8")
    (folder / "brief.md").write_text(BRIEF if system else HOW_TO_WRITE, encoding="utf-8")
    (folder / "key.jsonl").write_text("".join(json.dumps(block) + "\n" for block in blocks), encoding="utf-8")
    typer.echo(f"{folder}: {len(blocks)} sentences in {-(-len(blocks) // part)} parts", err=True)


def attempts(folder: Path, systems: list[str], sentences: Sentences, offered: int, shown: int) -> list[dict[str, Any]]:
    """A block for each sentence of which some system made something in the other style."""
    from textdis.experiments.pairs import rewritings
    from textdis.pipelines.choice import is_sound

    found: dict[int, dict[str, Any]] = {}
    for number, system in enumerate(systems):
        for made in rewritings(system, sentences, folder / f"made_{number}.jsonl", offered):
            source, names = sentences.texts[made.row], sentences.names
            facts = {"source": source, "from": names[sentences.labels[made.row]], "to": names[made.style]}
            block = found.setdefault(made.row, facts | {"rewritings": []})
            rows = [y for y, sure in zip(made.texts, made.sure, strict=True) if sure >= SURE and y != source]
            block["rewritings"] += [y for y in rows if is_sound(source, y, None)][:shown]
    for block in found.values():
        block["rewritings"] = list(dict.fromkeys(block["rewritings"]))
    return [block for block in found.values() if block["rewritings"]]


def blanks(sentences: Sentences, rng: random.Random) -> list[dict[str, Any]]:
    """A block for each sentence of four words or more, to be rewritten into a style that it has not."""
    names, found = sentences.names, []
    for text, label in zip(sentences.texts, sentences.labels, strict=True):
        if len(text.split()) >= SHORTEST:
            wanted = rng.choice([name for name in names if name != names[label]])
            found.append({"source": text, "from": names[label], "to": wanted, "rewritings": []})
    return found


def laid_out(block: dict[str, Any]) -> str:
    numbered = "".join(f"{i}: {text}\n" for i, text in enumerate(block["rewritings"], 1))
    return f"#{block['n']} -> {block['to']}\nsource: {block['source']}\n{numbered}"


@app.command()
def collect(
    folder: Annotated[Path, typer.Argument(help="folder of sheets that were answered")],
    output: Annotated[Path, typer.Argument(help="file for the verdicts, .jsonl or .jsonl.gz")],
    recipe: Annotated[str, typer.Option(help="recipe that the sentences came from")] = "yelp",
) -> None:
    """Join all answers to the key, each sentence by its row in the recipe and each rewriting by its edits."""
    import data_recipes
    from textdis.experiments.verdict_files import write_verdicts
    from textdis.experiments.verdicts import Judged

    train = data_recipes.load(recipe)["train"]
    row_of = {text: row for row, text in enumerate(train["text"][:])}
    names = train.features["label"].names
    key = {block["n"]: block for block in records(folder / "key.jsonl")}
    lines = []
    for path in sorted(folder.glob("answer_*.jsonl")):
        for line, answer in enumerate(records(path), 1):
            try:
                block = key[answer["n"]]
                styles = names.index(block["from"]), names.index(block["to"])
                for made, right in answered(block, answer):
                    judged = Judged.marked(block["source"], *styles, made, right, bool(answer.get("neutral")))
                    lines.append((row_of[block["source"]], judged))
            except (KeyError, TypeError, ValueError) as error:
                raise UserError(f"{path}, line {line}: not an answer ({error}); brief.md says how they look") from None
    write_verdicts(output, sorted(lines, key=lambda item: item[0]), names)
    typer.echo(f"{output}: {len(lines)} sentences of {len(key)}", err=True)


def answered(block: dict[str, Any], answer: dict[str, Any]) -> list[tuple[list[str], list[int]]]:
    """Rewritings and the numbers of the right ones, from 0; a written one stands alone."""
    shown, written = list(block["rewritings"]), " ".join(str(answer.get("written", "")).split())
    new = written if written not in ("", block["source"]) else None
    if not shown and not new and not answer.keys() & {"neutral", "wrong"}:
        raise ValueError(f"block {answer['n']} has no attempts, and none was written")
    marks = [(shown, [int(number) - 1 for number in answer.get("right", [])])] if shown or not new else []
    return marks + ([([new], [0])] if new else [])


def records(path: Path) -> list[dict[str, Any]]:
    try:
        return [json.loads(line) for line in path.read_text(encoding="utf-8-sig").split("\n") if line.strip()]
    except (OSError, ValueError) as error:
        raise UserError(f"{path}: cannot be read ({error})") from None


if __name__ == "__main__":
    try:
        app()
    except UserError as error:
        raise SystemExit(f"error: {error}") from None
