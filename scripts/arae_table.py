"""Table 1 of Zhao et al. (2018) on our data, row by row and seed by seed; called again, it goes on where it stopped.

    python scripts/arae_table.py                                               # five rows x three seeds on yelp
    python scripts/arae_table.py --recipe yahoo --judges runs/judges-yahoo     # all six directions of three topics

Each finished run adds one line to docs/arae.jsonl: the judges' scores of the held-out sentences rewritten into every
style they do not have, reverse perplexity, and what fresh probes find of the style in frozen codes. A run that is
stopped (Ctrl-C, a kill) resumes from its last saved state. Rows are of equal length in sentences.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from textdis.core.errors import UserError
from textdis.experiments.lines import write

if TYPE_CHECKING:
    import numpy as np

    from textdis.evaluation.judges import Judges
    from textdis.evaluation.sources import Sources
    from textdis.text.tokenizer import Tokenizer

RESULTS = Path(__file__).resolve().parents[1] / "docs" / "arae.jsonl"
READER: dict[str, Any] = {"hidden": 128, "epochs": 5.0}  # of what was generated: a third of the usual one's time
COLUMNS = {
    "accuracy_cnn": ("transfer cnn %", 100.0),
    "accuracy_linear": ("transfer linear %", 100.0),
    "self_bleu": ("self-BLEU", 1.0),
    "perplexity": ("ppl", 1.0),
    "reverse_perplexity": ("reverse ppl", 1.0),
    "health_accuracy": ("words back %", 100.0),
    "probe": ("probe %", 100.0),
    "probe_mlp": ("probe, one layer %", 100.0),
    "near_over_far_1": ("near / far", 1.0),
}


def main(
    recipe: Annotated[str, typer.Option(help="recipe of the data, with a split dev")] = "yelp",
    judges: Annotated[str, typer.Option(help="judges that ship, or a folder")] = "yelp",
    output: Annotated[Path, typer.Option(help="folder for the runs")] = Path("runs/arae"),
    results: Annotated[Path, typer.Option(help="file for the lines")] = RESULTS,
    row: Annotated[list[str] | None, typer.Option(help="rows to run; all by default")] = None,
    seed: Annotated[list[int] | None, typer.Option(help="random seeds; 0, 1 and 2 by default")] = None,
    sentences: Annotated[int, typer.Option(help="sentences a run passes")] = 600_000,
    validations: Annotated[int, typer.Option(help="of a run, from which the best model is taken")] = 6,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda")] = "auto",
    force: Annotated[bool, typer.Option("--force", help="take judges that are too weak to be trusted")] = False,
) -> None:
    import data_recipes
    from textdis.evaluation.judges import Judges
    from textdis.evaluation.sources import Sources
    from textdis.experiments.ablations import summary
    from textdis.experiments.arae import ROWS, finished, run_row

    dev = Sources.from_dataset(data_recipes.load(recipe)["dev"], every_direction=True, nouns=False)
    opened = Judges.load(judges, force=force)
    for one in seed or [0, 1, 2]:
        for name in row or ROWS:
            done = finished(results, recipe, sentences)
            if (name, one) not in done:
                base = {"recipe": recipe, "sentences": sentences, "validations": validations, "device": device}
                folder = run_row(name, one, output, **base)
                scores = score(folder, dev, opened)
                line = {
                    "recipe": recipe,
                    "row": name,
                    "seed": one,
                    "sentences": sentences,
                    "validations": validations,
                    "judges": opened.fingerprint,
                }
                write(results, line | {"scores": scores})
    print(summary(finished(results, recipe, sentences), ROWS, COLUMNS))


def score(folder: Path, dev: Sources, judges: Judges) -> dict[str, float]:
    """All columns of one model, its rewritings greedy and unfiltered, the style of each source told."""
    from textdis.core.model import load
    from textdis.evaluation.evaluate import evaluate_transfer
    from textdis.evaluation.health import code_health, codes_of, rewritten, style_probe
    from textdis.evaluation.reverse import reverse_perplexity
    from textdis.evaluation.smoothness import smoothness
    from textdis.text.batches import Batches
    from textdis.text.tokenizer import load_tokenizer

    model, tokenizer = load(folder), load_tokenizer(folder)
    outputs = rewritten(model, tokenizer, dev.texts, dev.labels, dev.targets)
    scores = evaluate_transfer(outputs, dev, judges)
    words = judges.language.tokenizer.words  # type: ignore[attr-defined]
    scores |= reverse_perplexity(outputs, list(dict.fromkeys(dev.texts)), words, **READER)
    labels = dict(zip(dev.texts, dev.labels, strict=True))
    held_out = Batches(tokenizer.encode_batch(labels), list(labels.values()), batch_size=256)
    scores |= {f"health_{name}": value for name, value in code_health(model, held_out).items()}
    codes, known = codes_of(model, held_out)
    scores |= style_probe(codes, known) | {"probe_mlp": style_probe(codes, known, hidden=128)["probe"]}
    scores |= smoothness(model, held_out.encoded, list(labels.values()))
    return scores | generation(model, tokenizer, codes, list(labels), words)


def generation(
    model: Any, tokenizer: Tokenizer, codes: np.ndarray, real: list[str], words: list[str]
) -> dict[str, float]:
    """Reverse perplexity of sentences from noise, and of as many from a Gaussian fitted on the encoded codes."""
    import torch

    from textdis.evaluation.reverse import reverse_perplexity
    from textdis.evaluation.smoothness import gaussian_like, said_of

    if not hasattr(model, "prior"):
        return {}
    drawn = torch.from_numpy(gaussian_like(codes, len(real))).to(model.device).split(256)
    queue, longest = iter(drawn), max(len(text.split()) for text in real)
    ways = {"samples": model.prior, "gaussian": lambda _: next(queue)}
    found = {}
    for name, source in ways.items():
        texts = said_of(model, tokenizer, source, len(real), longest)
        found[f"{name}_reverse"] = reverse_perplexity(texts, real, words, **READER)["reverse_perplexity"]
    return found


if __name__ == "__main__":
    try:
        typer.run(main)
    except UserError as error:
        raise SystemExit(f"error: {error}") from None
