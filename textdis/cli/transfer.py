"""`textdis transfer`: a file or a pipe in, its rewriting out."""

from __future__ import annotations

import hashlib
import sys
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from textdis import __version__
from textdis.cli.views import View, choose_view, empty_table
from textdis.core.errors import UserError
from textdis.pipelines import DEFAULT_MODEL, pipeline
from textdis.pipelines.files import Record, Source, path_of
from textdis.pipelines.folders import find_model
from textdis.pipelines.output import Stream, open_output, refuse_same

if TYPE_CHECKING:
    from textdis.pipelines.transfer import Transfer

Device = StrEnum("Device", ["auto", "cpu", "cuda"])
Errors = StrEnum("Errors", ["refuse", "replace"])
Format = StrEnum("Format", ["txt", "jsonl", "csv", "tsv"])
InputFormat = StrEnum("InputFormat", ["txt", "jsonl", "csv", "tsv", "parquet"])


def transfer(
    input: Annotated[str | None, typer.Option(help="File to read, - for stdin.", show_default="stdin")] = None,
    output: Annotated[str | None, typer.Option(help="File to write, - for stdout.", show_default="stdout")] = None,
    to: Annotated[str, typer.Option(help="A style of the model, or opposite.")] = "opposite",
    source_style: Annotated[
        str | None, typer.Option("--from", help="Style all text has.", show_default="judged")
    ] = None,
    strength: Annotated[float, typer.Option(min=0, max=1, help="1: style counts; 0: closeness counts.")] = 0.5,
    n_best: Annotated[int, typer.Option(min=1, help="Candidates a sentence; 1 is fastest.")] = 4,
    min_similarity: Annotated[float, typer.Option(min=0, max=1, help="Below it a sentence is left alone.")] = 0.4,
    unfiltered: Annotated[bool, typer.Option("--unfiltered", help="Take the likeliest, whatever it is.")] = False,
    neutral: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="A style less probable counts as none.", show_default="the model's"),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, max=2**63 - 1, help="For models that draw at random.")] = 0,
    model: Annotated[str, typer.Option(help="One that ships, a folder, or owner/name on the hub.")] = DEFAULT_MODEL,
    format: Annotated[Format | None, typer.Option(help="Of the output.", show_default="by extension")] = None,
    input_format: Annotated[InputFormat | None, typer.Option(show_default="by extension")] = None,
    column: Annotated[str | None, typer.Option(help="Of csv, jsonl, parquet.", show_default="text")] = None,
    errors: Annotated[Errors, typer.Option(help="What to do with broken UTF-8.")] = Errors["refuse"],
    batch_size: Annotated[int, typer.Option(min=1, help="Sentences or candidates at a time.")] = 256,
    threads: Annotated[int | None, typer.Option(min=1, max=512, show_default="all cores")] = None,
    device: Annotated[Device, typer.Option()] = Device["auto"],
    int8: Annotated[bool, typer.Option("--int8", help="Smaller numbers, on a CPU.")] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Show words gone and words new.")] = False,
    side_by_side: Annotated[bool, typer.Option("--side-by-side", help="Show source and rewriting.")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Go on where a stopped run ended.")] = False,
) -> None:
    """Rewrite each sentence of a text in another style. Line N out answers line N in."""
    if input is None and (sys.stdin is None or sys.stdin.isatty()):
        raise UserError("nothing to read; give --input FILE, or pipe text in")
    source, target = Source(path_of(input), input_format, column, errors.value), path_of(output)
    refuse_same([source.path], target)
    view = choose_view(source.kind, target, format, diff=diff, side_by_side=side_by_side)
    options: dict[str, Any] = {"to": to, "strength": strength, "n_best": n_best, "min_similarity": min_similarity}
    options |= {"unfiltered": unfiltered, "neutral": neutral, "source": source_style, "seed": seed}
    folder = find_model(model)
    opened = pipeline("transfer", folder, device=device.value, threads=threads, int8=int8)
    opened.target(to), opened.source(source_style)  # a style that is not there is told before a file is begun
    same = {"format": view.name, "input format": source.kind, "column": column, "int8": int8}
    same |= {"model": _digest(folder), "textdis": __version__}
    job = Job(opened, source, view, options | {"batch_size": batch_size}, bar=target is not None)
    stream = open_output(target, options | same, resume=resume)
    try:
        job.run(stream)
    except KeyboardInterrupt:
        print(f"\ntextdis: stopped; {stream.advice}", file=sys.stderr)
        raise typer.Exit(130) from None
    except UserError:
        if stream.done:
            print(f"textdis: {stream.advice}", file=sys.stderr)
        raise


@dataclass(frozen=True)
class Job:
    """All that stands between a source and a stream."""

    transfer: Transfer
    source: Source
    view: View
    options: dict[str, Any]
    bar: bool  # wanted, if stderr is a terminal

    def run(self, stream: Stream) -> None:
        """Reads, rewrites and writes chunk by chunk."""
        from tqdm import tqdm

        records, held = iter(self.source), deque[Record]()

        def texts() -> Iterator[str]:
            for record in records:
                held.append(record)
                yield record.text

        with stream:
            stream.pass_over(record.text for record in records)
            hidden = None if self.bar else True  # None: where stderr is no terminal
            with tqdm(total=self.source.count(), initial=stream.done, unit=" lines", disable=hidden) as bar:
                for results in self.transfer.chunks(texts(), done=stream.done, **self.options):
                    pairs = [(held.popleft(), result) for result in results]
                    stream.write(self.view.block(pairs, stream.done), [record.text for record, _ in pairs])
                    bar.update(len(pairs))
            if not stream.done:
                stream.write(empty_table(self.view.name, self.source.names, self.source.column), [])
        self._report()

    def _report(self) -> None:
        if self.source.replacements:
            named = ", ".join(map(str, self.source.replaced))
            more = ", ..." * (self.source.replacements > len(self.source.replaced))
            where = f"{self.source.replacements:,} lines of {self.source.name} ({named}{more})"
            print(f"textdis: replaced broken UTF-8 in {where}", file=sys.stderr)


def _digest(folder: Path) -> str:
    """What tells one model from another, whatever its folder is called."""
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.json")) + sorted(folder.glob("*.safetensors")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
