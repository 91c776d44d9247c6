"""The ablations of the collaborative objective, scored on dev; called again, it goes on where it stopped.

python scripts/ablations.py --init runs/warm/model --judges runs/judges --output runs/ablations
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from textdis.core.errors import UserError

COLUMNS = {
    "accuracy_cnn": ("acc cnn %", 100.0),
    "accuracy_linear": ("acc linear %", 100.0),
    "self_bleu": ("self-BLEU", 1.0),
    "noun_sentences": ("noun kept %", 100.0),
    "nouns_kept": ("nouns kept %", 100.0),
    "perplexity_ratio": ("ppl / real", 1.0),
    "copy_rate": ("copies %", 100.0),
}


def main(
    init: Annotated[str, typer.Option(help="model folder that all rows start from")],
    judges: Annotated[Path, typer.Option(help="judges that ship, or a folder")],
    output: Annotated[Path, typer.Option(help="folder for the runs and results.jsonl")] = Path("runs/ablations"),
    row: Annotated[list[str] | None, typer.Option(help="rows to run; all by default")] = None,
    seed: Annotated[list[int] | None, typer.Option(help="random seeds; 0, 1 and 2 by default")] = None,
    sentences: Annotated[int, typer.Option(help="sentences a run passes")] = 30_000,
    lr: Annotated[float, typer.Option(help="highest learning rate")] = 2e-4,
) -> None:
    import data_recipes
    from textdis.core.model import load
    from textdis.evaluation.evaluate import Sources, evaluate_transfer
    from textdis.evaluation.judges import Judges
    from textdis.evaluation.predictions import transferred
    from textdis.experiments.ablations import ROWS, finished, run, summary
    from textdis.experiments.lines import write
    from textdis.experiments.transfer import TransferExperiment
    from textdis.text.tokenizer import load_tokenizer

    dev, opened = Sources.from_dataset(data_recipes.load("yelp")["dev"]), Judges.load(judges)
    base = TransferExperiment(str(output), recipe="yelp", init=init, steps=sentences // 64, warmup=0, lr=lr)
    results = output / "results.jsonl"
    for name in row or ["the shared warm start", *ROWS]:
        for one in [0] if name not in ROWS else seed or [0, 1, 2]:
            if (name, one) in finished(results):
                continue
            folder = run(name, one, base) if name in ROWS else init
            texts = transferred(load(folder), load_tokenizer(folder), dev.texts, dev.labels)  # type: ignore[arg-type]
            scores = evaluate_transfer(texts, dev, opened)
            write(results, {"row": name, "seed": one, "scores": scores})
    print(summary(finished(results), ["the shared warm start", *ROWS], COLUMNS))


if __name__ == "__main__":
    try:
        typer.run(main)
    except UserError as error:
        raise SystemExit(f"error: {error}") from None
