"""`textdis evaluate`: how good are rewritten sentences, ours or any other system's?"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from textdis.cli.drop_ins import DropIns, seat
from textdis.cli.scored import look, say, score, show
from textdis.cli.scoring import Files, find_extras, find_task
from textdis.cli.systems import check_place, find_systems, name_systems, write_lines
from textdis.core.errors import UserError

Paths = list[Path] | None
SYSTEMS, SENTENCES, JUDGES = "What is scored", "What was to be rewritten", "Judges, baselines, statistics"
REWRITING, REPORT = "How --model rewrites", "What is written"
REWRITES = ("model", "says how a --model rewrites; add one, or leave it out: outputs in files are rewritten already")
SERVES = {  # an option, and what it would do nothing without
    "codes": ("output", "draws into the report; add --output FOLDER"),
    "topic": ("codes", "sets sentences of --codes apart; add --codes MODEL"),
}


def evaluate(
    context: typer.Context,
    model: Annotated[
        list[str] | None, typer.Option(help="Model to run: one that ships, or a folder.", rich_help_panel=SYSTEMS)
    ] = None,
    outputs: Annotated[
        Paths, typer.Option(help="Outputs of any system: line N rewrites source N.", rich_help_panel=SYSTEMS)
    ] = None,
    name: Annotated[
        list[str] | None, typer.Option(help="Of each model, then of each file of outputs.", rich_help_panel=SYSTEMS)
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(help="A recipe; yelp-li: its published test.", show_default="yelp", rich_help_panel=SENTENCES),
    ] = None,
    split: Annotated[
        str | None, typer.Option(help="Of the recipe.", show_default="dev", rich_help_panel=SENTENCES)
    ] = None,
    sources: Annotated[
        Path | None, typer.Option(help="Own sentences instead, one a line.", rich_help_panel=SENTENCES)
    ] = None,
    references: Annotated[
        Paths, typer.Option(help="Human rewritings of them, one file a translator.", rich_help_panel=SENTENCES)
    ] = None,
    labels: Annotated[
        Path | None, typer.Option(help="The style each has: a name or number a line.", rich_help_panel=SENTENCES)
    ] = None,
    targets: Annotated[
        Path | None, typer.Option(help="The style each shall get, likewise.", rich_help_panel=SENTENCES)
    ] = None,
    to: Annotated[str | None, typer.Option(help="The style that all shall get.", rich_help_panel=SENTENCES)] = None,
    judges: Annotated[
        str | None, typer.Option(help="Judges that ship, or a folder.", show_default="yelp", rich_help_panel=JUDGES)
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Take judges that are too weak to be trusted.", rich_help_panel=JUDGES)
    ] = False,
    classifier: Annotated[
        str | None, typer.Option(help="One more style judge: a transformers folder.", rich_help_panel=JUDGES)
    ] = None,
    language_model: Annotated[
        str | None, typer.Option(help="A causal transformers model, not our LSTM.", rich_help_panel=JUDGES)
    ] = None,
    held_out: Annotated[
        Paths, typer.Option(help="Real sentences to try those on, a file a style.", rich_help_panel=JUDGES)
    ] = None,
    train: Annotated[
        Paths, typer.Option(help="One txt file a style, for the lexicon swap.", rich_help_panel=JUDGES)
    ] = None,
    against: Annotated[
        str | None, typer.Option(help="Row to compare with.", show_default="lexicon swap", rich_help_panel=JUDGES)
    ] = None,
    reverse: Annotated[
        bool, typer.Option("--reverse", help="Reverse perplexity: trains a model a row.", rich_help_panel=JUDGES)
    ] = False,
    similarity: Annotated[
        bool, typer.Option("--similarity", help="Of embeddings too: textdis[similarity].", rich_help_panel=JUDGES)
    ] = False,
    grammar: Annotated[
        Path | None, typer.Option(help="Judge of grammar: a folder of scripts/fit_grammar.py.", rich_help_panel=JUDGES)
    ] = None,
    nouns: Annotated[bool, typer.Option(help="Score nouns kept; English only.", rich_help_panel=JUDGES)] = True,
    samples: Annotated[
        int, typer.Option(min=100, help="Resamples behind each interval.", rich_help_panel=JUDGES)
    ] = 1000,
    seed: Annotated[int, typer.Option(min=0, help="Of the resamples.", rich_help_panel=JUDGES)] = 0,
    known: Annotated[
        bool, typer.Option("--known", help="Tell the model the style each sentence has.", rich_help_panel=REWRITING)
    ] = False,
    strength: Annotated[
        float, typer.Option(help="Of the model: style against similarity.", rich_help_panel=REWRITING)
    ] = 0.5,
    n_best: Annotated[int, typer.Option(help="Candidates a sentence.", rich_help_panel=REWRITING)] = 4,
    min_similarity: Annotated[
        float, typer.Option(help="Below it the source is kept.", rich_help_panel=REWRITING)
    ] = 0.4,
    unfiltered: Annotated[
        bool, typer.Option("--unfiltered", help="Take the likeliest, whatever it is.", rich_help_panel=REWRITING)
    ] = False,
    neutral: Annotated[
        float | None, typer.Option(help="A style less probable counts as none.", rich_help_panel=REWRITING)
    ] = None,
    output: Annotated[
        Path | None, typer.Option(help="Folder for report.html, scores.json, table.md.", rich_help_panel=REPORT)
    ] = None,
    codes: Annotated[
        str | None, typer.Option(help="Draw codes: of a model with one a sentence.", rich_help_panel=REPORT)
    ] = None,
    topic: Annotated[
        list[str] | None, typer.Option(help="A word whose sentences --codes sets apart.", rich_help_panel=REPORT)
    ] = None,
    markdown: Annotated[
        bool, typer.Option("--markdown", help="Print the table as markdown.", rich_help_panel=REPORT)
    ] = False,
    save: Annotated[
        Path | None, typer.Option(help="File for the outputs of one model, in model text.", rich_help_panel=REPORT)
    ] = None,
) -> None:
    """Score rewritten sentences beside a copy, human references, a lexicon swap, and a planted hack.

    Either --model or --outputs (or several of both), on a recipe (--data) or on own sentences (--sources). Choices are
    made on dev: every look at a split called ...test is written down.
    """
    check_use(context)
    if output is not None:
        from textdis.evaluation.folder import make_folder, write_folder

        make_folder(output)
    called = name_systems(model or [], outputs or [], name or [])
    files = Files(sources, references or (), labels, targets, to, train or ())
    check_place(save, called, [*files.read, *(outputs or [])])  # told before a model is loaded
    task = find_task(files, data, split, judges, force=force, nouns=nouns)
    task = seat(task, DropIns(classifier, language_model, held_out or ()), force=force)
    options: dict[str, Any] = {"strength": strength, "n_best": n_best, "min_similarity": min_similarity}
    options |= {"unfiltered": unfiltered, "neutral": neutral}
    systems = find_systems(task.data, model or [], outputs or [], called, known=known, options=options)
    write_lines(save, systems)
    extras = find_extras(task, files.train, similarity=similarity, reverse=reverse, grammar=grammar)
    found = score(task, systems, files.train, extras, {"against": against, "samples": samples, "seed": seed})
    look(task, systems, found, output)
    if codes is not None:
        from textdis.cli.code_view import code_view

        found = replace(found, codes=code_view(codes, found.data, systems.outputs, topic or []))
    if output is not None:
        say(f"the report is {write_folder(found, output, title=f'Rewritings of {task.title}')}")
    show(found, markdown)


def check_use(context: typer.Context) -> None:
    """Raises UserError for an option that would do nothing, as what it serves is not given."""
    for option in context.command.params:
        of_rewriting = getattr(option, "rich_help_panel", None) == REWRITING
        served, why = REWRITES if of_rewriting else SERVES.get(option.name or "", (None, ""))
        source = context.get_parameter_source(option.name or "")
        if served and source and source.name == "COMMANDLINE" and not context.params[served]:
            raise UserError(f"{option.opts[0]} {why}")
