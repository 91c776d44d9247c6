"""Curves of a traversal over its budget on text of the dev split; called again, it adds to what is there.

python scripts/traversal_text.py yelp runs/traversal/yelp-0/model --seed 0 --judges yelp
python scripts/traversal_text.py larsson2017 runs/traversal/larsson2017-0/model --seed 0 --judges runs/judges-larsson
python scripts/traversal_text.py --figure docs/traversal_curves.png
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from textdis.core.errors import UserError
from textdis.core.pictures import FIGURES, check_picture

MOVIES = "movies"
KEPT = ("nouns_kept", "self_bleu", "perplexity_ratio", "copy_rate", "length", "topic")
MANY = 2000  # examples of a label among which the nearest are sought
LONGEST = 15  # words of a sentence that is moved


def main(
    data: Annotated[str | None, typer.Argument(help="yelp or larsson2017")] = None,
    model: Annotated[str | None, typer.Argument(help="folder of a model with one code a sentence")] = None,
    seed: Annotated[int, typer.Option(help="of the examples that are drawn, and of random directions")] = 0,
    judges: Annotated[str, typer.Option(help="judges by name or folder")] = "yelp",
    sentences: Annotated[int, typer.Option(help="of the dev split, half of each label")] = 500,
    output: Annotated[Path, typer.Option(help="jsonl file that the rows are added to")] = Path(
        "docs/traversal_text.jsonl"
    ),
    texts: Annotated[Path | None, typer.Option(help="jsonl file for the sentences said")] = None,
    figure: Annotated[Path | None, typer.Option(help="png, jpg, pdf or svg of all rows of the output file")] = None,
) -> None:
    if figure is not None:
        check_picture(figure, *FIGURES)
    if data and model:
        for row, said in measure(data, model, seed, judges, sentences):
            with output.open("a", encoding="utf-8") as file:
                file.write(json.dumps({"data": data, "seed": seed} | row) + "\n")
            if texts is not None:
                with texts.open("a", encoding="utf-8") as file:
                    file.write(json.dumps({"data": data, "seed": seed, "texts": said} | row) + "\n")
    if figure is not None:
        from textdis.evaluation.traversal_plot import draw_curves

        rows = [json.loads(line) for line in output.read_text(encoding="utf-8").splitlines()]
        names = dict.fromkeys(row["data"] for row in rows)
        found = {name: [row for row in rows if row["data"] == name and "way" in row] for name in names}
        draw_curves(figure, found)
        print_tables(found, rows)


def print_tables(found: dict[str, list[dict[str, Any]]], rows: list[dict[str, Any]]) -> None:
    """Reconstruction by length, and each way of moving where half and four fifths of the sentences are flipped."""
    import numpy as np

    from textdis.evaluation.traversal_plot import WAYS, at_flipped

    for name, own in found.items():
        lengths = [row for row in rows if row["data"] == name and "words" in row]
        for words in dict.fromkeys(row["words"] for row in lengths):
            same = [row for row in lengths if row["words"] == words]
            cells = [np.mean([row[key] for row in same]) for key in ("sentences", "exact", "self_bleu")]
            print(f"| {name} | {words} | {cells[0]:.0f} | {cells[1]:.1%} | {cells[2]:.1f} |")
        for way in ("copy", "reconstruction"):
            same = [row for row in own if row["way"] == way]
            cells = [np.mean([row.get(score, np.nan) for row in same]) for score in ("accuracy_linear", *KEPT)]
            print(f"| {name} | {way} | {' | '.join(f'{cell:.2f}' for cell in cells)} |")
        for share in (0.5, 0.8):
            for way in list(WAYS)[:-1]:
                spread = [at_flipped(own, way, score, share) for score in KEPT if score in own[-1]]
                cells = [f"{np.mean(values):.2f} ({min(values):.2f}-{max(values):.2f})" for values in spread]
                print(f"| {name} | {share:.0%} | {way} | {' | '.join(cells)} |")


def measure(data: str, model: str, seed: int, judges: str, count: int) -> Any:
    """Rows with the texts they score: reconstruction by length, then the curves."""
    import data_recipes
    from textdis.evaluation.judges import Judges
    from textdis.evaluation.traversal import EXAMPLES, curves, draw_examples, reconstruction
    from textdis.pipelines.codes import Codes

    splits, codec = data_recipes.load(data), Codes.from_folder(model)
    dev, topics = material(splits, data, count)
    everything = [text for text in model_text(splits["dev"]) if 0 < len(text.split()) <= 20][:2000]
    for row in reconstruction(everything, codec.say(codec.encode(everything))):
        yield {"score": "reconstruction"} | row, []
    known = {label: pools(splits["train"], data, label) for label in (0, 1)}
    examples, many = ({label: draw_examples(own, seed, n) for label, own in known.items()} for n in (EXAMPLES, MANY))
    opened = Judges.load(judges, force=True)
    yield from curves(codec, dev, examples, opened, topics=topics, many=many, seed=seed)


def material(splits: Any, data: str, count: int) -> tuple[Any, Any]:
    """Dev sentences of both labels, the first `count` / 2 of each in an order drawn once, and their topics."""
    import numpy as np

    from textdis.evaluation.linear import LinearJudge
    from textdis.evaluation.sources import Sources, noun_words
    from textdis.evaluation.traversal import Topics

    texts, labels = model_text(splits["dev"]), splits["dev"]["label"][:]
    order = np.random.default_rng(0).permutation(len(texts)).tolist()
    fits = [i for i in order if 0 < len(texts[i].split()) <= LONGEST]
    rows = [i for label in (0, 1) for i in [i for i in fits if labels[i] == label][: count // 2]]
    kept = [texts[i] for i in rows]
    sources = Sources(kept, [labels[i] for i in rows], nouns=noun_words(kept), label_names=("negative", "positive"))
    if data != "larsson2017":
        return sources, None
    train = splits["train"]
    judge = LinearJudge.fit(model_text(train), [int(domain == MOVIES) for domain in train["domain"]])
    return sources, Topics(judge, [int(splits["dev"]["domain"][i] == MOVIES) for i in rows])


def pools(train: Any, data: str, label: int) -> list[list[str]]:
    """Training sentences of a label that examples are drawn from: movies and phones apart, as in the paper."""
    texts = [text if len(text.split()) <= LONGEST else "" for text in model_text(train)]
    own = [i for i, k in enumerate(train["label"][:]) if k == label and texts[i]]
    if data != "larsson2017":
        return [[texts[i] for i in own]]
    domains = train["domain"][:]
    return [[texts[i] for i in own if domains[i] == domain] for domain in (MOVIES, "phones")]


def model_text(split: Any) -> list[str]:
    from textdis.text.normalise import normalise

    return [normalise(text) for text in split["text"][:]]


if __name__ == "__main__":
    try:
        typer.run(main)
    except UserError as error:
        raise SystemExit(f"error: {error}") from None
