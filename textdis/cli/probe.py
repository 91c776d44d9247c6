"""`textdis probe`: what a space of sentence codes is like."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from textdis.core.errors import UserError
from textdis.pipelines.output import require_picture

if TYPE_CHECKING:
    from textdis.evaluation.syntax import Encode

probe = typer.Typer(help="Look into the space of a model's sentence codes.", no_args_is_help=True)


@probe.callback()
def common() -> None:
    """Look into the space of a model's sentence codes."""


@probe.command()
def syntax(
    model: Annotated[
        str | None,
        typer.Argument(help="A folder or a name on the hub: of a model of ours, or any transformers encoder."),
    ] = None,
    anchor: Annotated[
        str | None, typer.Option(help="Instead of a model: bag-of-words, length, random or oracle.")
    ] = None,
    runs: Annotated[int, typer.Option(min=1, help="Runs of K-means.")] = 100,
    fillings: Annotated[int, typer.Option(min=1, help="Sentences of each prototype.")] = 100,
    seed: Annotated[int, typer.Option(min=0, help="Of the words drawn, and of K-means.")] = 0,
    picture: Annotated[Path | None, typer.Option(help="Draw the space: PCA and t-SNE.")] = None,
    json_: Annotated[bool, typer.Option("--json", help="One line of JSON.")] = False,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
) -> None:
    """Cluster sentences of 13 forms, and empty ones, by their codes; count those among sentences of another form."""
    from textdis.evaluation import syntax as evaluation

    if (model is None) == (anchor is None):
        raise UserError("give a model, or --anchor NAME")
    require_picture([], picture, "--picture")
    if model is not None:
        encode = _encoder(model, device)
    else:
        encode = evaluation.anchor(str(anchor), fillings=fillings, seed=seed)
    scores, codes, categories = evaluation.probe(encode, runs=runs, fillings=fillings, seed=seed)
    if picture is not None:
        from textdis.evaluation.syntax_plot import draw

        draw(codes, categories, picture, title=f"{model or anchor}: clustering error {scores['best']:.0f}", seed=seed)
    if json_:
        typer.echo(json.dumps({"model": model or anchor, "runs": runs, "seed": seed} | scores))
        return
    typer.echo(f"clustering error, best of {runs}    {scores['best']:.0f} of {scores['sentences']:.0f} sentences")
    typer.echo(f"median                        {scores['median']:g}")
    typer.echo(f"at the smallest inertia       {scores['minimum_inertia']:.0f}")


def _encoder(name: str, device: str) -> Encode:
    """Sentences to codes, by a model of ours or by transformers."""
    from textdis.core.model import refuse_run
    from textdis.evaluation.syntax import transformers_encoder
    from textdis.pipelines.codes import Codes
    from textdis.pipelines.folders import choose_device, find_model

    folder = find_model(name)
    refuse_run(folder)
    try:
        card = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        card = {}
    if str(card.get("model", "")).startswith("textdis."):
        return Codes.from_folder(folder, device=device).encode
    return transformers_encoder(folder if Path(name).exists() else name, device=choose_device(device))
