"""The table of the multi-task autoencoder: trains what is missing, scores it, prints it. Called again, it goes on.

python scripts/multitask_table.py --output runs/multitask               all rows, then the tables
python scripts/multitask_table.py --row REP-LANG1-POS-64 --seed 0       one of them
python scripts/multitask_table.py --show                                the tables of what is there
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from textdis.core.errors import UserError
from textdis.experiments.lines import read, require_end, write
from textdis.experiments.multitask import MultiTaskExperiment

STEPS, WORD_STEPS, LONG_STEPS = 5_000, 6_000, 16_000  # batches of a run
LONGEST = 60  # characters of a training sentence
RESULTS = Path(__file__).parents[1] / "docs" / "multitask.jsonl"
DECODERS = {
    "REP": ("copy",),
    "REP-LANG1": ("copy", "lang1"),
    "REP-LANG1-LANG2": ("copy", "lang1", "lang2"),
    "REP-LANG1-POS": ("copy", "lang1", "pos"),
}
ROWS: dict[str, dict[str, Any]] = {
    f"{name}-{size}": {"decoders": decoders, "representation": size}
    for size in (64, 128)
    for name, decoders in DECODERS.items()
}
for _name, _share in (("REP-LANG1", 1 / 2), ("REP-LANG1-LANG2", 1 / 3), ("REP-LANG1-POS", 1 / 3)):
    ROWS[f"{_name}-64, 1/{round(1 / _share)} of the data"] = ROWS[f"{_name}-64"] | {"share": _share}
ROWS["REP-LANG1-PENN-64"] = {"decoders": ("copy", "lang1", "penn")}  # tags that do not tell has from other verbs
for _name, _decoders in DECODERS.items():
    ROWS[f"{_name}-64, words"] = {"decoders": _decoders, "units": "word", "longest": 100, "steps": WORD_STEPS}
ROWS["multi30k REP-DE-POS-64"] = {
    "decoders": ("copy", "de", "pos"), "recipe": "multi30k", "spacy": True, "longest": 100,
}  # fmt: skip
for _name in ("REP", "REP-LANG1-POS"):  # closer to the end of learning
    ROWS[f"{_name}-128, words, long"] = ROWS[f"{_name}-64, words"] | {"representation": 128, "steps": LONG_STEPS}
ANCHORS = ("random", "length", "bag-of-words", "oracle")
PAIRS, QUADRUPLES, PAIR_LENGTH = 200, 200, 60  # lines, quadruples, characters of a line's end at most


def main(
    output: Annotated[Path, typer.Option(help="folder of the runs")] = Path("runs/multitask"),
    results: Annotated[Path, typer.Option(help="one JSON line a run")] = RESULTS,
    row: Annotated[list[str] | None, typer.Option(help="rows; all by default")] = None,
    seed: Annotated[list[int] | None, typer.Option(help="random seeds; by default 0, and 1, 2 of rows at 64")] = None,
    show: Annotated[bool, typer.Option("--show", help="print the tables only")] = False,
) -> None:
    done = read(results)
    for name in () if show else row or [*ANCHORS, *ROWS]:
        for one in seed or ([0, 1, 2] if name.endswith(("-64", "-64, words")) and "multi30k" not in name else [0]):
            if (name, one) in done:
                continue
            line = {"row": name, "seed": one} | (_anchor(name) if name in ANCHORS else _run(name, one, output))
            write(results, line)
    print(tables(read(results)))


def _anchor(name: str) -> dict[str, Any]:
    from textdis.evaluation.syntax import anchor, probe

    return {"syntax": probe(anchor(name))[0]}


def _run(name: str, seed: int, output: Path) -> dict[str, Any]:
    """Trains a row with a random seed and scores what it became."""
    from textdis.experiments.multitask import train

    folder = output / f"{name.replace(' ', '-').replace('/', '-').replace(',', '')}-{seed}"
    base = MultiTaskExperiment(str(folder), recipe="grammar", seed=seed, steps=STEPS, longest=LONGEST, device="cpu")
    experiment = replace(base, tags=("pos", "penn"), validate_every=1_000, **ROWS[name])
    began = time.process_time()
    train(experiment)
    require_end(folder, experiment.steps)
    spent = {"cpu_minutes": round((time.process_time() - began) / 60, 2), "steps": experiment.steps}
    return spent | score(folder / "model", experiment)


def score(folder: Path, experiment: MultiTaskExperiment) -> dict[str, Any]:
    """Perplexities on the test split, clustering error, and for the grammar interpolation and arithmetic."""
    from textdis.evaluation.syntax import probe
    from textdis.pipelines.codes import Codes

    codes: Any = Codes.from_folder(folder, device="cpu")
    scores: dict[str, Any] = {"perplexity": _perplexity(folder, experiment, codes), "syntax": probe(codes.encode)[0]}
    return scores | (_between(Written(codes)) if experiment.recipe == "grammar" else {})


class Written:
    """Codes whose sentences are written as the grammar writes them, whatever units the model says."""

    def __init__(self, codes: Any):
        self.encode, self.codes = codes.encode, codes

    def say(self, codes: np.ndarray) -> list[str]:
        from data_recipes.grammar.rules import spell

        texts = self.codes.say(codes)
        return texts if self.codes.raw else [spell(text.split()) if text else text for text in texts]


def _perplexity(folder: Path, experiment: MultiTaskExperiment, codes: Any) -> dict[str, float]:
    from textdis.evaluation.decoders import perplexities
    from textdis.experiments.multitask import model_text
    from textdis.experiments.parallel_data import make_batches, once, recipe_columns
    from textdis.text.tokenizer import load_tokenizer

    split = "test" if experiment.recipe == "grammar" else "test_2016_flickr"
    columns = recipe_columns(str(experiment.recipe), split, experiment.source, experiment.decoders, experiment.spacy)
    columns = model_text(columns, experiment.tags) if experiment.units == "word" else columns
    tokenizers = {name: load_tokenizer(folder / "decoders" / name) for name in experiment.decoders if name != "copy"}
    tokenizers["copy"] = codes.tokenizer
    batches = make_batches(columns, experiment.source, experiment.decoders, tokenizers, batch_size=256)
    return perplexities(codes.model, once(batches))


def _between(codes: Any) -> dict[str, Any]:
    """Lines between dev sentences drawn by a fixed seed, and quadruples of minimal pairs."""
    from data_recipes.grammar import minimal_pairs, parses
    from textdis.evaluation.interpolation import arithmetic_scores, interpolation_scores
    from textdis.experiments.parallel_data import recipe_columns

    texts = [t for t in recipe_columns("grammar", "dev", "en", (), False)["en"] if t and len(t) <= PAIR_LENGTH]
    drawn = np.random.default_rng(0).choice(len(texts), (PAIRS, 2), replace=False).tolist()
    pairs = [(texts[i], texts[j]) for i, j in drawn]
    quadruples = [(p.a, p.b, p.c, p.d) for p in minimal_pairs(QUADRUPLES, seed=0)]
    return {
        "interpolation": interpolation_scores(codes, pairs, parses),
        "arithmetic": arithmetic_scores(codes, quadruples),
    }


def tables(lines: dict[tuple[str, int], dict[str, Any]]) -> str:
    """Markdown: means over random seeds, and every clustering error."""
    heads = ["row", "seeds", "copy", "lang1", "lang2", "pos", "best of 100", "median", "at min. inertia"]
    heads += ["exact ends %", "inner parse %", "a - b + c %", "decode(c) %", "decode(d) %"]
    out = [heads, ["---", *["---:"] * (len(heads) - 1)]]
    there = {name for name, _ in lines}
    for name in filter(there.__contains__, [*ANCHORS, *ROWS]):
        own = [line for (row, _), line in sorted(lines.items()) if row == name]
        cells = [_mean(own, "perplexity", key, digits=3) for key in ("copy", "lang1", "lang2", "pos")]
        cells += [_each(own, key) for key in ("best", "median", "minimum_inertia")]
        cells += [_mean(own, "interpolation", key, 100.0) for key in ("exact_ends", "inner")]
        cells += [_mean(own, "arithmetic", key, 100.0) for key in ("exact", "decode_c", "decode_d")]
        out.append([name, str(len(own)), *cells])
    return "\n".join(f"| {' | '.join(line)} |" for line in out)


def _mean(lines: Sequence[dict[str, Any]], part: str, key: str, factor: float = 1.0, digits: int = 1) -> str:
    values = [line[part][key] * factor for line in lines if key in line.get(part, {})]
    return f"{np.mean(values):.{digits}f}" if values else "-"


def _each(lines: Sequence[dict[str, Any]], key: str) -> str:
    return ", ".join(f"{line['syntax'][key]:g}" for line in lines)


if __name__ == "__main__":
    try:
        typer.run(main)
    except UserError as error:
        raise SystemExit(f"error: {error}") from None
