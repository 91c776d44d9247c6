"""`textdis traverse`: sentences moved between two sets of examples."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Sequence
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from textdis.core.errors import UserError
from textdis.pipelines.files import Source, path_of
from textdis.pipelines.kinds import written_kind
from textdis.pipelines.output import open_output, refuse_same, require_picture

if TYPE_CHECKING:
    from textdis.pipelines.traverse import Journey, Moved

CHUNK = 512  # lines at a time
ARROWS = 20  # sentences whose moves a picture shows
Device = StrEnum("Device", ["auto", "cpu", "cuda"])
Format = StrEnum("Format", ["txt", "jsonl"])


def traverse(
    model: Annotated[str, typer.Argument(help="A folder of a model with one code a sentence, or its name.")],
    source: Annotated[Path, typer.Option("--from", help="Examples of what sentences are like, one a line.")],
    target: Annotated[Path, typer.Option("--to", help="Examples of what they shall become.")],
    input: Annotated[str | None, typer.Option(help="File to read, - for stdin.", show_default="stdin")] = None,
    output: Annotated[str | None, typer.Option(help="File to write, - for stdout.", show_default="stdout")] = None,
    budget: Annotated[float, typer.Option(min=0, help="lambda: the higher, the shorter the move.")] = 7e-5,
    relative: Annotated[bool, typer.Option("--relative", help="Count lengths in units of the bandwidth.")] = False,
    bandwidth: Annotated[float | None, typer.Option(help="sigma of the kernel.", show_default="median")] = None,
    nearest: Annotated[
        int | None, typer.Option(min=1, help="Examples a sentence, those nearest to it.", show_default="all")
    ] = None,
    steps: Annotated[int, typer.Option(min=1, help="Sentences on the way, the last included; txt: by tabs.")] = 1,
    format: Annotated[Format | None, typer.Option(help="Of the output.", show_default="by extension")] = None,
    picture: Annotated[Path | None, typer.Option(help="Draw png, jpg, pdf or svg: codes, moves as arrows.")] = None,
    topic: Annotated[list[str] | None, typer.Option(help="A word whose sentences the picture sets apart.")] = None,
    device: Annotated[Device, typer.Option()] = Device["auto"],
) -> None:
    """Move each sentence towards what other sentences are like. Line N out answers line N in."""
    if input is None and (sys.stdin is None or sys.stdin.isatty()):
        raise UserError("nothing to read; give --input FILE, or pipe text in")
    from textdis.pipelines.traverse import Traverse

    lines, path = Source(path_of(input), bare=True), path_of(output)
    read = [lines.path, source, target]
    refuse_same(read, path)
    require_picture(read, picture, "--picture")  # drawn last, told first
    as_json = written_kind(path, format, list(Format)) == "jsonl"
    examples = [_examples(source, "--from"), _examples(target, "--to")]
    options: dict[str, Any] = {"budget": budget, "relative": relative, "bandwidth": bandwidth}
    options |= {"nearest": nearest, "steps": steps}
    journey = Traverse.from_folder(model, device=device.value).between(*examples, **options)
    seen: list[Moved] = []
    with open_output(path, {}) as stream:
        records = iter(lines)
        while texts := [record.text for record in islice(records, CHUNK)]:
            moved = journey(texts)
            stream.write("".join(_line(one, as_json) + "\n" for one in moved), texts)
            seen += moved
    _report(seen)
    if picture is not None:
        _draw(picture, journey, [one.source for one in seen if one.path], topic or [])


def _examples(path: Path, option: str) -> list[str]:
    texts = [record.text for record in Source(path, option=option, bare=True) if record.text.split()]
    if not texts:
        raise UserError(f"{path}: no example sentence; give {option} one at least, better dozens")
    return texts


def _line(moved: Moved, as_json: bool) -> str:
    return json.dumps(moved.as_dict(), ensure_ascii=False) if as_json else "\t".join(moved.path)


def _report(seen: Sequence[Moved]) -> None:
    """What was decided, and how it went, on stderr."""
    full = [moved for moved in seen if moved.path]
    if not full:
        return
    counts = ", ".join(f"{count:,} {name}" for name, count in Counter(moved.status for moved in full).most_common())
    sigma, budget, length = (sum(getattr(m, f) for m in full) / len(full) for f in ("bandwidth", "budget", "length"))
    print(f"textdis: {counts}; bandwidth {sigma:.4g}, lambda {budget:.3g}, mean length {length:.3g}", file=sys.stderr)


def _draw(path: Path, journey: Journey, texts: list[str], topics: list[str]) -> None:
    """The examples by set and topic, and the first ARROWS sentences with their moves."""
    from textdis.evaluation.codes_picture import draw_codes, grouped

    sets = zip(("from", "to"), zip((journey.sources, journey.targets), journey.examples, strict=True), strict=True)
    groups = grouped(dict(sets), topics)
    before = journey.codes.encode(texts[:ARROWS])
    try:
        draw_codes(path, groups, before, journey.move(before).codes.cpu().numpy())
    except ValueError as error:
        raise UserError(f"{path}: no picture ({error})") from None
