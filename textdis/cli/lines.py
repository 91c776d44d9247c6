"""`textdis interpolate` and `textdis arithmetic`: sentences between sentences, and sums of them."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from textdis.core.errors import UserError
from textdis.pipelines import pipeline

Model = Annotated[str, typer.Argument(help="A folder, or owner/name on the hub, of a model with a sentence code.")]
Json = Annotated[bool, typer.Option("--json", help="One line of JSON.")]
Device = Annotated[str, typer.Option(help="auto, cpu or cuda.")]


def interpolate(
    model: Model,
    first: Annotated[str, typer.Argument(help="A sentence, at t = 0.")],
    second: Annotated[str, typer.Argument(help="Another, at t = 1.")],
    steps: Annotated[int, typer.Option(help="Points on the line, ends counted.")] = 7,
    start: Annotated[float, typer.Option(help="t of the first point; below 0 it lies outside.")] = 0.0,
    end: Annotated[float, typer.Option(help="t of the last point; above 1 it lies outside.")] = 1.0,
    json_: Json = False,
    device: Device = "auto",
) -> None:
    """Say the sentences on the line between two. * marks points that are not between them."""
    found = pipeline("interpolate", model, device=device)(first, second, steps=steps, start=start, end=end)
    if json_:
        points = [{"t": point.t, "text": point.text, "outside": point.outside} for point in found.points]
        typer.echo(json.dumps({"points": points, "ends": found.ends, "exact": found.exact}, ensure_ascii=False))
        return
    for point in found.points:
        typer.echo(f"{point.t:6.2f}{'*' if point.outside else ' '} {point.text}")
    for text, said in zip((found.first, found.second), found.ends, strict=True):
        if text != said:
            typer.echo(f"the model says {said!r} of {text!r}: this end did not come back", err=True)


def arithmetic(
    model: Model,
    expression: Annotated[list[str], typer.Argument(help='Sentences with + or - between: "a" - "b" + "c".')],
    json_: Json = False,
    device: Device = "auto",
) -> None:
    """Say the sum of sentences: "a" - "b" + "c" is c with the step from b to a taken."""
    from textdis.pipelines.codes import Codes

    terms = parse(expression)
    found = Codes.from_folder(model, device=device).combine(terms)
    if json_:
        alone = [{"sign": sign, "text": text, "alone": said} for sign, text, said in found.terms]
        typer.echo(json.dumps({"text": found.text, "terms": alone}, ensure_ascii=False))
        return
    typer.echo(found.text)
    for _, text, said in found.terms:
        if text != said:
            typer.echo(f"the model says {said!r} of {text!r}: this term did not come back", err=True)


def parse(expression: list[str]) -> list[tuple[int, str]]:
    """a - b + c -> [(1, a), (-1, b), (1, c)]. Raises UserError: not sentences with a sign between each two."""
    words = expression if expression[0] in ("+", "-") else ["+", *expression]
    signs, texts = words[0::2], words[1::2]
    if len(signs) != len(texts) or any(sign not in ("+", "-") for sign in signs):
        raise UserError('give sentences with + or - between, each in quotes: "a" - "b" + "c"')
    return [(1 if sign == "+" else -1, text) for sign, text in zip(signs, texts, strict=True)]
