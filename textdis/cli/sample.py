"""`textdis sample`: sentences that nobody wrote, or clips that nobody filmed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from textdis.core.errors import UserError

SENTENCES, CLIPS, SIDE = 20, 8, 4  # how many, unless asked; SIDE of a sheet


def sample(
    model: Annotated[str, typer.Argument(help="A folder, or owner/name on the hub, of a model that generates.")],
    count: Annotated[
        int | None,
        typer.Option(
            "-n", "--count", min=1, help="Sentences or clips; rows and columns of a sheet.",
            show_default=f"{SENTENCES} sentences, {CLIPS} clips, a sheet of {SIDE} x {SIDE}",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, max=2**63 - 1, help="Of the noise and of drawn words.")] = 0,
    temperature: Annotated[
        float | None, typer.Option(help="Draw words, the bolder the higher; without it the likeliest are said.")
    ] = None,
    style: Annotated[str | None, typer.Option(help="One of the model's styles; without it they take turns.")] = None,
    between: Annotated[
        bool, typer.Option("--between", help="The sentences on the line between two vectors of noise instead.")
    ] = False,
    output: Annotated[Path | None, typer.Option(help="Clips: the gif, mp4, png or npz to write.")] = None,
    frames: Annotated[
        int | None, typer.Option(min=1, help="Clips: their length.", show_default="as in training")
    ] = None,
    motion: Annotated[str | None, typer.Option(help="Clips: one of the model's kinds of motion.")] = None,
    sheet: Annotated[
        bool, typer.Option("--sheet", help="Clips: contents down, each with the same motions across.")
    ] = False,
    rate: Annotated[float | None, typer.Option(help="Clips: frames a second.", show_default="8")] = None,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
) -> None:  # fmt: skip
    """Say sentences of codes that a generator makes from noise, one a line, in model text; or make clips."""
    from textdis.pipelines.clips import is_clip_model
    from textdis.video.write import check_target

    of_text = {"--temperature": temperature, "--style": style, "--between": between or None}
    of_clips = {"--output": output, "--frames": frames, "--motion": motion, "--sheet": sheet or None, "--rate": rate}
    if is_clip_model(model):
        _refuse(of_text, f"{model}: makes clips", "for sentences")
        if output is None:
            raise UserError("clips need a file: give --output clips.gif (or mp4, png, npz)")
        rate = 8.0 if rate is None else rate
        check_target(output, rate)  # before minutes of work
        wishes: dict[str, Any] = {"frames": frames, "seed": seed, "device": device}
        _write_clips(output, _clips(model, count, sheet, motion, **wishes), rate)
    else:
        _refuse(of_clips, f"{model}: makes sentences", "for clips")
        if between:
            _refuse({"--temperature": temperature}, "--between says the likeliest words", "for drawn ones")
        for text in _texts(model, count or SENTENCES, between, seed, temperature, style, device):
            typer.echo(text)


def _refuse(options: dict[str, Any], what: str, whose: str) -> None:
    """Raises UserError where one of `options` was given."""
    for name, given in options.items():
        if given is not None:
            raise UserError(f"{what}; {name} is {whose}, leave it out")


def _texts(
    model: str, count: int, between: bool, seed: int, temperature: float | None, style: str | None, device: str
) -> list[str]:  # fmt: skip
    from textdis.pipelines import pipeline

    sampler = pipeline("sample", model, device=device)
    if between:
        return sampler.between(count, seed=seed, style=style)
    return sampler(count, seed=seed, temperature=temperature, style=style)


def _clips(model: str, count: int | None, sheet: bool, motion: str | None, *, device: str, **wishes: Any) -> Any:
    """uint8 [N, T, H, W, 3], or [R, C, T, H, W, 3] of a sheet."""
    from textdis.pipelines.clips import ClipSampler

    sampler = ClipSampler.from_folder(model, device=device)
    if not sheet:
        return sampler(count or CLIPS, motion=motion, **wishes)
    _refuse({"--motion": motion}, "a sheet shows motions side by side", "for clips alone")
    return sampler.traverse(count or SIDE, count or SIDE, **wishes)


def _write_clips(output: Path, clips: Any, rate: float) -> None:
    from textdis.video.write import fitting_scale, write_clips, write_sheet

    write = write_sheet if clips.ndim == 6 else write_clips
    write(output, clips, rate=rate, scale=fitting_scale(clips.shape[-2]))
    typer.echo(f"{output} is written", err=True)
