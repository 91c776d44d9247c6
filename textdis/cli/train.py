"""`textdis train`: from sentences to a model folder. Every field of the experiment is an option, by tyro."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperGroup

from textdis.core.errors import UserError


class Interruptible(TyperGroup):
    """Commands whose exit status is 130 after Ctrl-C, though a run that hears it ends in good order."""

    def invoke(self, ctx: Any) -> None:
        from textdis.training.processes import HEARD

        before = len(HEARD)
        try:
            super().invoke(ctx)
        except UserError as error:
            if "SIGINT" not in HEARD[before:]:
                raise
            print(f"textdis: {error}", file=sys.stderr)
        if "SIGINT" in HEARD[before:]:
            raise typer.Exit(130)


train = typer.Typer(cls=Interruptible, help="Train a model on your own sentences.", no_args_is_help=True)
TRANSFER = "textdis transfer --model {} --input FILE"
UNREAD = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}  # tyro reads them all


@train.callback()
def common() -> None:
    """Train a model on your own sentences."""


@train.command(context_settings=UNREAD)
def transfer(context: typer.Context) -> None:
    """Train a transfer model: --data FILE FILE ... (one a style) or --recipe NAME, --output FOLDER.

    The same command again resumes a run that was stopped. --help lists every setting.
    """
    from textdis.experiments.transfer import TransferExperiment
    from textdis.experiments.transfer import train as run

    _ready(_run(context, TransferExperiment, run)[0], TRANSFER)


@train.command(context_settings=UNREAD)
def feedback(context: typer.Context) -> None:
    """Teach a transfer model which rewritings readers find right: --init FOLDER, --verdicts FILE, --data or --recipe.

    The same command again resumes a run that was stopped. --help lists every setting.
    """
    from textdis.experiments.feedback import FeedbackExperiment
    from textdis.experiments.feedback import train as run

    _ready(_run(context, FeedbackExperiment, run)[0], TRANSFER)


@train.command(context_settings=UNREAD)
def reranker(context: typer.Context) -> None:
    """Teach a reader to choose among a transfer model's rewritings: --init FOLDER --verdicts FILE --output FOLDER.

    The same command again resumes a run that was stopped. --help lists every setting.
    """
    from textdis.experiments.reranker import RerankerExperiment
    from textdis.experiments.reranker import train as run

    _ready(_run(context, RerankerExperiment, run)[0], TRANSFER)


@train.command(context_settings=UNREAD)
def edit_tagger(context: typer.Context) -> None:
    """Train an edit tagger on rewritings that readers wrote or found right: --init FOLDER, --verdicts FILE ...

    The same command again resumes a run that was stopped. --help lists every setting.
    """
    from textdis.experiments.edit_tagger import EditTaggerExperiment
    from textdis.experiments.edit_tagger import train as run

    _ready(_run(context, EditTaggerExperiment, run)[0], TRANSFER)


@train.command(context_settings=UNREAD)
def judges(context: typer.Context) -> None:
    """Fit judges of style and fluency: --data FILE FILE ... (one a style) or --recipe NAME, --output FOLDER.

    The same command again resumes a fit that was stopped. --help lists every setting.
    """
    from textdis.experiments.judges import JudgesExperiment
    from textdis.experiments.judges import train as run

    output, fitted = _run(context, JudgesExperiment, run)
    for name, score in fitted.held_out.items():
        typer.echo(f"{name:<12} {score:.4f}")
    typer.echo(f"{'fingerprint':<12} {fitted.fingerprint}")
    typer.echo(f"{output} is ready: textdis evaluate --judges {output} ...", err=True)


@train.command(context_settings=UNREAD)
def traversal(context: typer.Context) -> None:
    """Train a model whose codes can be moved: --data FILE FILE ... or --recipe NAME, --unlabelled, --output FOLDER.

    The same command again resumes a run that was stopped. --help lists every setting.
    """
    from textdis.experiments.traversal import TraversalExperiment
    from textdis.experiments.traversal import train as run

    _ready(_run(context, TraversalExperiment, run)[0], "textdis traverse {} --from FILE --to FILE --input FILE")


@train.command(context_settings=UNREAD)
def multitask(context: typer.Context) -> None:
    """Train a multi-task autoencoder: --recipe grammar --decoders copy lang1 pos --output FOLDER.

    Or --data TABLE ... with one column a decoder, or --columns en=FILE de=FILE of aligned lines. The same command
    again resumes a run that was stopped. --help lists every setting.
    """
    from textdis.experiments.multitask import MultiTaskExperiment
    from textdis.experiments.multitask import train as run

    _ready(_run(context, MultiTaskExperiment, run)[0], "textdis probe syntax {}")


@train.command(context_settings=UNREAD)
def arae(context: typer.Context) -> None:
    """Train an ARAE, for transfer and for generation: --data FILE FILE ... or --recipe NAME, --output FOLDER.

    The same command again resumes a run that was stopped. --help lists every setting.
    """
    from textdis.experiments.arae import ARAEExperiment
    from textdis.experiments.arae import train as run

    output, trainer = _run(context, ARAEExperiment, run)
    styles = trainer.objective.model.config.styles
    _ready(output, "textdis sample {}" + ("; " + TRANSFER if styles > 1 else ""))


@train.command("cross-aligned", context_settings=UNREAD)
def cross_aligned(context: typer.Context) -> None:
    """Train a cross-aligned autoencoder: --data FILE FILE ... (one a style) or --recipe NAME, --output FOLDER.

    The same command again resumes a run that was stopped. --help lists every setting.
    """
    from textdis.experiments.arae import CrossAlignedExperiment
    from textdis.experiments.arae import train as run

    _ready(_run(context, CrossAlignedExperiment, run)[0], TRANSFER)


@train.command("phrase-swap", context_settings=UNREAD)
def phrase_swap(context: typer.Context) -> None:
    """Fit a phrase-swapping model, without a network: --data FILE FILE ... or --recipe NAME, --output FOLDER.

    It takes minutes on one core. --help lists every setting.
    """
    from textdis.experiments.phrase_swap import PhraseSwapExperiment
    from textdis.experiments.phrase_swap import train as run

    _ready(_run(context, PhraseSwapExperiment, run)[0], TRANSFER)


@train.command(context_settings=UNREAD)
def mocogan(context: typer.Context) -> None:
    """Train MoCoGAN, motion and content of clips apart: --data FOLDER or --recipe NAME, --output FOLDER.

    --data may also be a gif, mp4 or npz. The same command again resumes a stopped run. --help lists every setting.
    """
    from textdis.experiments.mocogan import MoCoGANExperiment
    from textdis.experiments.mocogan import train as run

    _ready(_run(context, MoCoGANExperiment, run)[0], "textdis sample {} --output clips.gif")


@train.command(context_settings=UNREAD)
def vgan(context: typer.Context) -> None:
    """Train VGAN, MoCoGAN's baseline: --data FOLDER or --recipe NAME, --output FOLDER.

    The same command again resumes a stopped run. --help lists every setting.
    """
    from textdis.experiments.mocogan import VGANExperiment
    from textdis.experiments.mocogan import train as run

    _ready(_run(context, VGANExperiment, run)[0], "textdis sample {} --output clips.gif")


@train.command("sequential-vae", context_settings=UNREAD)
def sequential_vae(context: typer.Context) -> None:
    """Train a video model whose factors are predicted by themselves: --data FOLDER or --recipe NAME, --output FOLDER.

    --factors 1 is its entangled twin. The same command again resumes a stopped run. --help lists every setting.
    """
    from textdis.experiments.sequential_vae import SequentialVAEExperiment
    from textdis.experiments.sequential_vae import train as run

    _ready(_run(context, SequentialVAEExperiment, run)[0], "textdis sample {} --output clips.gif")


def _run(context: typer.Context, settings: type, run: Callable[[Any], Any]) -> tuple[str, Any]:
    """Reads the settings that the command line gives and runs them. -> the output folder, what `run` returns"""
    import tyro

    from textdis.experiments.experiment import check

    experiment: Any = tyro.cli(settings, prog=f"textdis train {context.info_name}", args=context.args)
    check(experiment)
    experiment = _with_models(experiment)
    logging.basicConfig(level=logging.INFO, format="textdis: %(message)s")
    return experiment.output, run(experiment)


def _with_models(experiment: Any) -> Any:
    """The settings with folders in place of the names of models that ship. Raises UserError: no such model."""
    from textdis.pipelines.folders import find_model

    given = {name: getattr(experiment, name, None) for name in ("init", "pairs")}
    return replace(experiment, **{name: str(find_model(model)) for name, model in given.items() if model})


def _ready(output: str, use: str) -> None:
    """Says what to do next with the model folder, `{}` in `use`. Raises UserError where there is none."""
    folder = f"{output}/model"
    if not Path(folder, "config.json").is_file():
        raise UserError(f"{output}: the run ended before it had a model; the same command goes on")
    typer.echo(f"{folder} is ready: textdis info {folder}; {use.replace('{}', folder)}", err=True)
