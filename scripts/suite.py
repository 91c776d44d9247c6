"""The suite of phenomena, by any model, to be read case by case:

    python scripts/suite.py run --model yelp-sentiment --output docs/suite/yelp-sentiment.jsonl
    python scripts/suite.py table docs/suite/yelp-sentiment.jsonl docs/suite/phrase-swap.jsonl

A reader answers `style`, `content` and `grammar` of each line with yes or no. Run again, lines whose output did not
change keep their answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from textdis.core.errors import UserError

if TYPE_CHECKING:
    from textdis.pipelines.transfer import Transfer

CASES = Path(__file__).resolve().parents[1] / "docs" / "suite" / "cases.jsonl"
LEAVE = "leave"  # in place of a style: the case shall stay as it is

app = typer.Typer(help="Run a model over the suite of phenomena, and sum up what a reader found.")


@app.command()
def run(
    output: Annotated[Path, typer.Option(help="file for outputs and verdicts")],
    model: Annotated[str, typer.Option(help="model to run: name or folder")] = "yelp-sentiment",
    cases: Annotated[Path, typer.Option(help="the cases")] = CASES,
) -> None:
    """Write what a model makes of each case; answers that are there already stay with their outputs."""
    from textdis.evaluation.reading import QUESTIONS, read_records, write_records
    from textdis.pipelines import pipeline

    suite = read_records(cases)
    outputs = rewritten(pipeline("transfer", model), suite)
    old = {(r["id"], r["output"]): r for r in read_records(output)} if output.exists() else {}
    blank = dict.fromkeys(QUESTIONS)
    columns = ("id", "phenomenon", "text", "to")
    records = [
        {name: case[name] for name in columns} | {"output": made} for case, made in zip(suite, outputs, strict=True)
    ]
    write_records(output, [old.get((r["id"], r["output"]), r | blank) for r in records])
    typer.echo(f"{output}: {len(records)} outputs", err=True)


def rewritten(transfer: Transfer, suite: Sequence[dict[str, Any]]) -> list[str]:
    """The output for each case: asked for its style, or, where it shall be left, for the opposite of what it has."""
    outputs = [""] * len(suite)
    for aim in dict.fromkeys(case["to"] for case in suite):
        rows = [i for i, case in enumerate(suite) if case["to"] == aim]
        ways = "opposite" if aim == LEAVE else aim
        for i, text in zip(rows, transfer([suite[i]["text"] for i in rows], to=ways), strict=True):
            outputs[i] = text
    return outputs


@app.command()
def table(files: Annotated[list[Path], typer.Argument(help="files that `run` wrote and a reader filled in")]) -> None:
    """Per cent right by phenomenon, for each file, and of all cases."""
    from textdis.evaluation.reading import markdown_table, read_records, verdict

    for path in files:
        groups: dict[str, list[dict[str, bool]]] = {}
        for record in read_records(path):
            if (given := verdict(record, str(path))) is None:
                raise UserError(f"{path}, id {record['id']}: no verdict yet; answer style, content and grammar")
            groups.setdefault(record["phenomenon"], []).append(given)
        groups["all"] = [given for group in groups.values() for given in group]
        typer.echo(f"{path.stem}\n\n{markdown_table(groups, 'phenomenon')}")


if __name__ == "__main__":
    try:
        app()
    except UserError as error:
        raise SystemExit(f"error: {error}") from None
