"""Speed and memory of the main job, as ratios measured in one run. Prints a table, asserts nothing by the clock.

    python benchmarks/speed.py             some ten minutes on two cores
    python benchmarks/speed.py --quick     one minute

The plain twin of each way to decode is the same pipeline without its tricks: sentences in file order instead of
by length, finished sentences kept in the batch, and, where greedy, every batch decoded to one fixed length.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from copy import copy
from functools import partial
from pathlib import Path
from typing import Annotated
from unittest import mock

import torch
import typer
from reviews import reviews
from rich.console import Console
from rich.table import Table
from torch import Tensor

from textdis.core.batch import BOS, EOS, PAD, TextBatch
from textdis.nn import decoding
from textdis.pipelines import DEFAULT_MODEL, pipeline
from textdis.pipelines.rewriter import Rewriter
from textdis.pipelines.transfer import Transfer
from textdis.text.batches import collate

COMMAND = (sys.executable, "-c", "from textdis.cli import main; main()", "transfer")
MAXRSS_BYTES = 1 if sys.platform == "darwin" else 1024  # the unit of ru_maxrss
FIXED = 17  # steps: the longest sentence of 15 words, two to spare


class Unbucketed(Rewriter):
    """Sentences in the order of the file, whatever their lengths."""

    def _batches(
        self, texts: Sequence[str], size: int, labels: Sequence[int] | None = None
    ) -> Iterator[tuple[list[int], TextBatch]]:
        encoded = self.tokenizer.encode_batch(list(texts))
        for start in range(0, len(texts), size):
            rows = list(range(start, min(start + size, len(texts))))
            styles = None if labels is None else [labels[i] for i in rows]
            yield rows, collate([encoded[i] for i in rows], styles).to(self.device)


def fixed_greedy(step: decoding.Step, state: decoding.DecoderState, max_length: int) -> decoding.Decoded:
    """Greedy decoding that always takes `FIXED` steps with all its rows."""
    token = torch.full((len(state),), BOS, device=state.device)
    done, scores = torch.zeros_like(token, dtype=torch.bool), torch.zeros(len(state), device=state.device)
    tokens: list[Tensor] = []
    for _ in range(FIXED):
        log_probs, state = step(token, state)
        best = log_probs.max(-1)
        token = best.indices
        tokens.append(token.masked_fill(done, PAD))
        scores += best.values.masked_fill(done, 0.0)
        done = done | (token == EOS)
    return decoding.Decoded(torch.stack(tokens, 1), scores)


def plain_twin(transfer: Transfer) -> Transfer:
    """The same model, in batches that know no lengths."""
    twin, tuned = copy(transfer), transfer.rewriter
    twin.rewriter = Unbucketed(tuned.model, tuned.tokenizer, neutral=tuned.neutral, device=tuned.device)
    return twin


def sentences_per_second(transfer: Transfer, lines: list[str], n_best: int) -> float:
    """From raw text to raw text, one sentence a line, everything but the files."""
    for _ in transfer.rewrite(lines[:200], n_best=n_best):  # a warm start, as in a long run
        pass
    start = time.perf_counter()
    for _ in transfer.rewrite(lines, n_best=n_best):
        pass
    return len(lines) / (time.perf_counter() - start)


def first_output(file: Path, options: list[str]) -> float:
    """Seconds from the command's start to its first line."""
    start = time.perf_counter()
    with subprocess.Popen([*COMMAND, "--input", str(file), *options], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        seconds = time.perf_counter() - start
        process.kill()
    if not line:
        raise SystemExit("the command ended without output")
    return seconds


def whole_command(file: Path, options: list[str]) -> tuple[float, float]:
    """Seconds and peak megabytes of the command, greedy, from its start to its end."""
    start = time.perf_counter()
    command = [*COMMAND, "--input", str(file), "--output", f"{file}.out", "--n-best", "1", *options]
    process = subprocess.Popen(command)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"the command failed with status {os.waitstatus_to_exitcode(status)}")
    return time.perf_counter() - start, usage.ru_maxrss * MAXRSS_BYTES / 1e6


def measure(model: str, threads: int, short: int, long: int) -> dict[str, float]:
    """Every figure by its name; the order of speeds puts each beside its plain twin."""
    figures: dict[str, float] = {}
    transfer, lines = pipeline("transfer", model, device="cpu", threads=threads), reviews(long)
    for name, n_best in (("greedy", 1), ("four best", 4)):
        figures[name] = sentences_per_second(transfer, lines[:short], n_best)
        with mock.patch.multiple(decoding, greedy=fixed_greedy, beam=partial(decoding.beam, compact=False)):
            figures[f"{name}, plain"] = sentences_per_second(plain_twin(transfer), lines[:short], n_best)
    options = ["--model", model, "--device", "cpu", "--threads", str(threads)]
    with tempfile.TemporaryDirectory() as folder:
        for size in (short, long):
            file = Path(folder, f"{size}.txt")
            file.write_text("\n".join(lines[:size]) + "\n", encoding="utf-8")
            figures[f"seconds, {size:,} lines"], figures[f"MB, {size:,} lines"] = whole_command(file, options)
        figures["first output"] = first_output(file, options)
    return figures


def rows(f: dict[str, float], short: int, long: int) -> Iterator[tuple[str, str, str]]:
    """What was measured, its figure, and its ratio to another of the same run."""
    for name in ("greedy", "four best"):
        plain = f[f"{name}, plain"]
        yield f"{name}", f"{f[name]:,.0f} sentences/s", f"{f[name] / plain:.2f} x plain"
        yield f"{name}, plain", f"{plain:,.0f} sentences/s", ""
    yield "four best against greedy", "", f"{f['four best'] / f['greedy']:.2f} x"
    yield "first output of the command", f"{f['first output']:.1f} s", ""
    for size in (short, long):
        speed = size / f[f"seconds, {size:,} lines"]
        yield f"command, greedy, {size:,} lines, start included", f"{speed:,.0f} sentences/s", ""
    memory, more = f[f"MB, {short:,} lines"], f[f"MB, {long:,} lines"]
    yield f"peak memory, {short:,} lines", f"{memory:,.0f} MB", ""
    yield f"peak memory, {long:,} lines", f"{more:,.0f} MB", f"{more / memory:.2f} x {short:,} lines"


def main(
    quick: Annotated[bool, typer.Option("--quick", help="500 and 5,000 lines instead of 10,000 and 200,000.")] = False,
    model: Annotated[str, typer.Option(help="A model's name or folder.")] = DEFAULT_MODEL,
    threads: Annotated[int, typer.Option(help="Threads of torch.")] = 2,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the figures there too.")] = None,
) -> None:
    """Measure speed and memory of the main job."""
    short, long = (500, 5_000) if quick else (10_000, 200_000)
    figures = measure(model, threads, short, long)
    table = Table("measured", "figure", "ratio", title=f"{model}, {threads} threads, torch {torch.__version__}")
    for row in rows(figures, short, long):
        table.add_row(*row)
    Console(width=100).print(table)
    if json_file is not None:
        json_file.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
