"""`textdis train`: from sentences to a model folder. Every field of the experiment is an option, by tyro."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from textdis.experiments.arae import ARAEExperiment, CrossAlignedExperiment

train = typer.Typer(help="Train a model on your own sentences.", no_args_is_help=True)
UNREAD = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}  # tyro reads them all


@train.callback()
def common() -> None:
    """Train a model on your own sentences."""


@train.command(context_settings=UNREAD)
def transfer(context: typer.Context) -> None:
    """Train a transfer model: --data FILE FILE ... (one a style) or --recipe NAME, --output FOLDER.

    The same command again resumes a run that was stopped. --help lists every setting.
    """
    import tyro

    from textdis.experiments.transfer import TransferExperiment
    from textdis.experiments.transfer import train as run

    experiment = tyro.cli(TransferExperiment, prog="textdis train transfer", args=context.args)
    logging.basicConfig(level=logging.INFO, format="textdis: %(message)s")
    run(experiment)
    folder = f"{experiment.output}/model"
    typer.echo(f"{folder} is ready: textdis info {folder}; textdis transfer --model {folder} --input FILE", err=True)


@train.command(context_settings=UNREAD)
def judges(context: typer.Context) -> None:
    """Fit judges of style and fluency: --data FILE FILE ... (one a style) or --recipe NAME, --output FOLDER.

    The same command again resumes a fit that was stopped. --help lists every setting.
    """
    import tyro

    from textdis.experiments.judges import JudgesExperiment
    from textdis.experiments.judges import train as run

    experiment = tyro.cli(JudgesExperiment, prog="textdis train judges", args=context.args)
    logging.basicConfig(level=logging.INFO, format="textdis: %(message)s")
    fitted = run(experiment)
    for name, score in fitted.held_out.items():
        typer.echo(f"{name:<12} {score:.4f}")
    typer.echo(f"{'fingerprint':<12} {fitted.fingerprint}")
    typer.echo(f"{experiment.output} is ready: textdis evaluate --judges {experiment.output} ...", err=True)


@train.command(context_settings=UNREAD)
def traversal(context: typer.Context) -> None:
    """Train a model whose codes can be moved: --data FILE FILE ... or --recipe NAME, --unlabelled, --output FOLDER.

    The same command again resumes a run that was stopped. --help lists every setting.
    """
    import tyro

    from textdis.experiments.traversal import TraversalExperiment
    from textdis.experiments.traversal import train as run

    experiment = tyro.cli(TraversalExperiment, prog="textdis train traversal", args=context.args)
    logging.basicConfig(level=logging.INFO, format="textdis: %(message)s")
    run(experiment)
    folder = f"{experiment.output}/model"
    files = "--from FILE --to FILE --input FILE"
    typer.echo(f"{folder} is ready: textdis info {folder}; textdis traverse {folder} {files}", err=True)


@train.command(context_settings=UNREAD)
def multitask(context: typer.Context) -> None:
    """Train a multi-task autoencoder: --recipe grammar --decoders copy lang1 pos --output FOLDER.

    Or --data TABLE ... with one column a decoder, or --columns en=FILE de=FILE of aligned lines. The same command
    again resumes a run that was stopped. --help lists every setting.
    """
    import tyro

    from textdis.experiments.multitask import MultiTaskExperiment
    from textdis.experiments.multitask import train as run

    experiment = tyro.cli(MultiTaskExperiment, prog="textdis train multitask", args=context.args)
    logging.basicConfig(level=logging.INFO, format="textdis: %(message)s")
    run(experiment)
    folder = f"{experiment.output}/model"
    typer.echo(f"{folder} is ready: textdis info {folder}; textdis probe syntax {folder}", err=True)


@train.command(context_settings=UNREAD)
def arae(context: typer.Context) -> None:
    """Train an ARAE, for transfer and for generation: --data FILE FILE ... or --recipe NAME, --output FOLDER.

    The same command again resumes a run that was stopped. --help lists every setting.
    """
    import tyro

    from textdis.experiments.arae import ARAEExperiment

    _run(tyro.cli(ARAEExperiment, prog="textdis train arae", args=context.args), "textdis sample")


@train.command("cross-aligned", context_settings=UNREAD)
def cross_aligned(context: typer.Context) -> None:
    """Train a cross-aligned autoencoder: --data FILE FILE ... (one a style) or --recipe NAME, --output FOLDER.

    The same command again resumes a run that was stopped. --help lists every setting.
    """
    import tyro

    from textdis.experiments.arae import CrossAlignedExperiment

    _run(tyro.cli(CrossAlignedExperiment, prog="textdis train cross-aligned", args=context.args), "textdis info")


@train.command("phrase-swap", context_settings=UNREAD)
def phrase_swap(context: typer.Context) -> None:
    """Fit a phrase-swapping model, without a network: --data FILE FILE ... or --recipe NAME, --output FOLDER.

    It takes minutes on one core. --help lists every setting.
    """
    import tyro

    from textdis.experiments.phrase_swap import PhraseSwapExperiment
    from textdis.experiments.phrase_swap import train as run

    experiment = tyro.cli(PhraseSwapExperiment, prog="textdis train phrase-swap", args=context.args)
    logging.basicConfig(level=logging.INFO, format="textdis: %(message)s")
    run(experiment)
    folder = f"{experiment.output}/model"
    typer.echo(f"{folder} is ready: textdis info {folder}; textdis transfer --model {folder} --input FILE", err=True)


def _run(experiment: ARAEExperiment | CrossAlignedExperiment, use: str) -> None:
    from textdis.experiments.arae import train as run

    logging.basicConfig(level=logging.INFO, format="textdis: %(message)s")
    run(experiment)
    folder = f"{experiment.output}/model"
    typer.echo(f"{folder} is ready: {use} {folder}; textdis transfer --model {folder} --input FILE", err=True)
