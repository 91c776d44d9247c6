"""`textdis sample`: sentences that nobody wrote."""

from __future__ import annotations

from typing import Annotated

import typer


def sample(
    model: Annotated[str, typer.Argument(help="A folder, or owner/name on the hub, of a model that generates.")],
    count: Annotated[int, typer.Option("-n", "--count", min=1, help="Sentences.")] = 20,
    seed: Annotated[int, typer.Option(help="Random seed of the noise and of drawn words.")] = 0,
    temperature: Annotated[
        float | None, typer.Option(help="Draw words, the bolder the higher; without it the likeliest are said.")
    ] = None,
    style: Annotated[str | None, typer.Option(help="One of the model's styles; without it they take turns.")] = None,
    between: Annotated[
        bool, typer.Option("--between", help="The sentences on the line between two vectors of noise instead.")
    ] = False,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
) -> None:
    """Say sentences of codes that a generator makes from noise, one a line, in model text."""
    from textdis.pipelines import pipeline

    sampler = pipeline("sample", model, device=device)
    if between:
        texts = sampler.between(count, seed=seed, style=style)
    else:
        texts = sampler(count, seed=seed, temperature=temperature, style=style)
    for text in texts:
        typer.echo(text)
