"""A model's own rewritings that its reader is sure of, as a file for `textdis train feedback --verdicts`.

    python scripts/teach.py runs/taught verdicts.jsonl.gz --system runs/reranker/model --without marks.jsonl.gz

What a writer offers and a reader chooses is better than what the writer says first: learnt by the writer, it costs
nothing when it is asked again. This is sequence-level knowledge distillation (Kim and Rush, 2016) from the pair of them
into the writer. Of several `--system` the surest rewriting counts. Stopped, the same command goes on.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from textdis.core.errors import UserError

if TYPE_CHECKING:
    from textdis.experiments.data import Sentences
    from textdis.experiments.pairs import Made
    from textdis.experiments.verdicts import Judged

LONGEST = 15  # words of a sentence
SURE = 0.6  # least probability, by the writer's own classifier, of each style
app = typer.Typer(help="Keep the rewritings that a model's reader is sure of.")


@app.command()
def teach(
    folder: Annotated[Path, typer.Argument(help="folder for what the models make")],
    output: Annotated[Path, typer.Argument(help="file for the rewritings, .jsonl or .jsonl.gz")],
    system: Annotated[list[str], typer.Option(help="folder of a reranker; many times, for several")],
    without: Annotated[list[str] | None, typer.Option(help="verdicts whose sentences are left out; many times")] = None,
    recipe: Annotated[str, typer.Option(help="recipe of the sentences, whose training split is drawn from")] = "yelp",
    size: Annotated[int, typer.Option(help="sentences")] = 48_000,
    seed: Annotated[int, typer.Option(help="random seed of the draw")] = 98,
    offered: Annotated[int, typer.Option(help="rewritings asked of each model")] = 8,
    least: Annotated[float, typer.Option(help="log-odds of being right, in nats, that a rewriting needs")] = 1.0,
) -> None:
    """Rewrite `size` sentences by every system and write down the surest rewriting of each, where it is sure enough."""
    import data_recipes
    from textdis.experiments.data import read_sentences
    from textdis.experiments.pairs import rewritings
    from textdis.experiments.verdict_files import read_all, write_verdicts

    sentences = read_sentences((), recipe, LONGEST, size, seed)
    made = [rewritings(name, sentences, folder / f"made_{k}.jsonl", offered) for k, name in enumerate(system)]
    known = {one.source for one in read_all(without or [], sentences.names, recipe)}
    row_of = {text: row for row, text in enumerate(data_recipes.load(recipe)["train"]["text"][:])}
    lines = [(row_of[one.source], one) for one in surest(made, sentences, least) if one.source not in known]
    write_verdicts(output, sorted(lines, key=lambda item: item[0]), sentences.names)
    typer.echo(f"{output}: {len(lines)} sentences of {len(sentences.texts)}", err=True)


def surest(made: Sequence[Iterable[Made]], sentences: Sentences, least: float) -> list[Judged]:
    """Of each sentence the rewriting with the highest score, if that is `least` or more; the systems go row by row."""
    from textdis.experiments.verdicts import Judged
    from textdis.pipelines.choice import is_sound

    found: dict[int, tuple[float, Judged]] = {}
    for one in (one for by_system in made for one in by_system):
        source, label = sentences.texts[one.row], sentences.labels[one.row]
        for text, score, sure in zip(one.texts, one.scores, one.sure, strict=True):
            fits = min(sure, one.own) >= SURE and text != source and is_sound(source, text, None)
            best = found[one.row][0] if one.row in found else least
            if fits and score >= best:
                found[one.row] = score, Judged.marked(source, label, one.style, [text], [0])
    return [one for _, one in found.values()]


if __name__ == "__main__":
    try:
        app()
    except UserError as error:
        raise SystemExit(f"error: {error}") from None
