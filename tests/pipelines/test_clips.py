"""Clips from folders of small models that were never trained."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import imageio.v3 as iio
import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from textdis.cli.commands import app
from textdis.core.clips import ClipModel, ClipReader, ContentMotion, Factored
from textdis.core.errors import UserError
from textdis.core.model import ModelError, load
from textdis.pipelines import pipeline
from textdis.pipelines.clips import BATCH, clip_pipeline
from textdis.systems.mocogan import MoCoGAN, MoCoGANConfig
from textdis.systems.sequential_vae import SequentialVAE, SequentialVAEConfig
from textdis.systems.text_classifier import TextCNN, TextCNNConfig
from textdis.systems.vgan import VGAN, VGANConfig
from textdis.video.batches import collate, to_pixels
from textdis.video.clips import read_clips

KINDS = ["across", "down", "around"]
MODELS: dict[str, Any] = {
    "mocogan": lambda: MoCoGAN(MoCoGANConfig(content=5, motion=3, noise=2, pixels=16, width=3, frames=7, kinds=3)),
    "vgan": lambda: VGAN(VGANConfig(code=5, pixels=16, width=3, frames=8)),
    "vae": lambda: SequentialVAE(SequentialVAEConfig(3, 2, 16, width=3, features=5, hidden=7)),
}
NOTES: dict[str, Any] = {"mocogan": {"labels": KINDS}, "vgan": {}, "vae": {"frames": 5}}


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    torch.manual_seed(0)
    made = {}
    for name, build in MODELS.items():
        model, made[name] = build(), tmp_path_factory.mktemp(name)
        for p in model.generator.parameters():
            torch.nn.init.normal_(p, std=0.3)  # clips far apart
        model.save_pretrained(made[name], **NOTES[name])
    return made


def test_each_model_can_what_it_says(folders: dict[str, Path]) -> None:
    can = {name: [isinstance(load(folder), kind) for kind in (ClipModel, ClipReader, ContentMotion, Factored)]
           for name, folder in folders.items()}  # fmt: skip
    assert can == {
        "mocogan": [True, False, True, False],
        "vgan": [True, False, False, False],
        "vae": [True, True, False, True],
    }


@pytest.mark.parametrize(("name", "frames"), [("mocogan", 7), ("vgan", 8), ("vae", 5)])
def test_samples_have_the_models_length_and_their_seed(folders: dict[str, Path], name: str, frames: int) -> None:
    sampler = clip_pipeline("sample", folders[name], device="cpu")
    clips = sampler(3, seed=1)
    assert clips.dtype == np.uint8 and clips.shape == (3, frames, 16, 16, 3)
    assert (clips == sampler(3, frames, seed=1)).all() and (clips != sampler(3, seed=2)).any()
    assert (clips[0] != clips[1]).any()


def test_more_clips_than_go_at_a_time(folders: dict[str, Path]) -> None:
    sampler = clip_pipeline("sample", folders["mocogan"], device="cpu")
    clips = sampler(BATCH + 2, 2)
    assert clips.shape[:2] == (BATCH + 2, 2) and (clips[:BATCH] == sampler(BATCH, 2)).all()
    assert sampler(2, 11).shape[1] == 11  # longer than in training


def test_a_kind_of_motion_can_be_asked_for(folders: dict[str, Path]) -> None:
    sampler, model = clip_pipeline("sample", folders["mocogan"], device="cpu"), load(folders["mocogan"])
    for number, name in enumerate(KINDS):
        label = torch.full((2,), number)
        with torch.no_grad():
            wanted = model.sample(2, 7, label=label, generator=torch.Generator().manual_seed(3))  # type: ignore[operator]
        assert (sampler(2, seed=3, motion=name) == to_pixels(wanted)).all()


def test_rows_share_content_and_columns_motion(folders: dict[str, Path]) -> None:
    sampler, model = clip_pipeline("sample", folders["mocogan"], device="cpu"), load(folders["mocogan"])
    assert isinstance(model, ContentMotion)
    rng = torch.Generator().manual_seed(4)
    with torch.no_grad():
        content, motion = model.contents(2, 6, generator=rng), None
        motion = model.motions(5, 6, label=torch.tensor([0, 1, 2, 0, 1]), generator=rng)
        one = to_pixels(model.show(content[1:], motion[3:4]))[0]
    found = sampler.traverse(2, 5, 6, seed=4)
    assert found.shape == (2, 5, 6, 16, 16, 3) and (found[1, 3] == one).all()
    assert (found == pipeline("traverse", folders["mocogan"], device="cpu")(2, 5, 6, seed=4)).all()  # type: ignore[operator]


@pytest.mark.parametrize("factor", [0, 2])
def test_rows_share_a_factor_and_columns_the_others(folders: dict[str, Path], factor: int) -> None:
    sampler, model = clip_pipeline("sample", folders["vae"], device="cpu"), load(folders["vae"])
    assert isinstance(model, Factored)
    rng = torch.Generator().manual_seed(4)
    with torch.no_grad():
        rows, columns = model.paths(2, 5, generator=rng), model.paths(3, 5, generator=rng)
        own = slice(2 * factor, 2 * factor + 2)
        columns[:, :, own] = rows[1, :, own]
        wanted = to_pixels(model.decode(columns))
    assert (sampler.traverse(2, 3, seed=4, factor=factor)[1] == wanted).all()


def test_reconstruction_of_arrays_and_of_files(folders: dict[str, Path], tmp_path: Path) -> None:
    reconstruct, model = clip_pipeline("reconstruct", folders["vae"], device="cpu"), load(folders["vae"])
    assert isinstance(model, ClipReader)
    clips = list(np.random.default_rng(0).integers(0, 255, (3, 4, 16, 16, 3), np.uint8))
    clips[1] = clips[1][:2]
    with torch.no_grad():
        wanted = to_pixels(model.reconstruct(collate(clips)))
    found = reconstruct(clips)
    assert [len(clip) for clip in found] == [4, 2, 4]
    assert all((one == other[: len(one)]).all() for one, other in zip(found, wanted, strict=True))
    np.savez(tmp_path / "a.npz", frames=np.stack(clips[::2]).repeat(2, 2).repeat(2, 3))  # twice as large
    assert all((one == other).all() for one, other in zip(reconstruct(tmp_path / "a.npz"), found[::2], strict=True))
    with pytest.raises(UserError, match=r"clip 1 is uint8 \[2, 8, 16, 3\]"):
        reconstruct([clips[0], clips[1][:, :8]])


def test_what_a_model_cannot_do_is_refused(folders: dict[str, Path], tmp_path: Path) -> None:
    samplers = {name: clip_pipeline("sample", folder, device="cpu") for name, folder in folders.items()}
    for wish, says in (
        (lambda: samplers["vgan"](2, 7), "8 frames"), (lambda: samplers["vgan"].traverse(), "one code"),
        (lambda: samplers["mocogan"](2, motion="up"), "across, down, around"),
        (lambda: samplers["vae"](0), "1 or more"),
        (lambda: samplers["vae"](2, motion="up"), "has none"), (lambda: samplers["vae"].traverse(factor=3), "has 3"),
        (lambda: samplers["mocogan"].traverse(4, 0), "1 or more"),
        (lambda: pipeline("reconstruct", folders["mocogan"], device="cpu"), "reads none"),
        (lambda: pipeline("interpolate", folders["vae"], device="cpu"), "no code for a whole sentence"),
        (lambda: pipeline("transfer", folders["vae"], device="cpu"), "SequentialVAE, which cannot rewrite"),
        (lambda: pipeline("reconstruct", folders["vae"], device="cpu")(["a.gif"]), "clip 0 is of str"),
    ):  # fmt: skip
        with pytest.raises(UserError, match=says):
            wish()
    TextCNN(TextCNNConfig(11)).save_pretrained(tmp_path)
    with pytest.raises(ModelError, match="makes no clips"):
        clip_pipeline("sample", tmp_path)


def run(*words: str | Path) -> Any:
    return CliRunner().invoke(app, ["sample", *map(str, words), "--device", "cpu"])


def test_the_command_writes_what_the_pipeline_makes(folders: dict[str, Path], tmp_path: Path) -> None:
    sampler = clip_pipeline("sample", folders["mocogan"], device="cpu")
    asked = (folders["mocogan"], "--seed", "3", "--frames", "4")
    assert run(*asked, "-n", "2", "--motion", "down", "--output", tmp_path / "a.npz").exit_code == 0
    assert (np.stack(read_clips(tmp_path / "a.npz")) == sampler(2, 4, seed=3, motion="down")).all()
    assert run(*asked, "-n", "2", "--sheet", "--output", tmp_path / "b.npz").exit_code == 0
    found = np.stack(read_clips(tmp_path / "b.npz"))
    assert (found == sampler.traverse(2, 2, 4, seed=3).reshape(found.shape)).all()
    assert run(*asked, "--output", tmp_path / "c.png").exit_code == 0
    assert iio.imread(tmp_path / "c.png").shape == (6 * (8 * (4 + 18) + 4), 6 * (4 + 4 + 4 * 17 + 1), 3)


def test_the_command_refuses_what_makes_no_sense(folders: dict[str, Path], tmp_path: Path) -> None:
    TextCNN(TextCNNConfig(11)).save_pretrained(tmp_path)
    for words, says in (
        ((folders["vae"],), "give --output"), ((folders["vae"], "--between"), "--between is for sentences"),
        ((folders["vae"], "--temperature", "0.5"), "--temperature is for sentences"),
        ((folders["vae"], "--output", tmp_path / "a.avi", "-n", "1000000"), "choose gif"),
        ((tmp_path, "--sheet"), "--sheet is for clips"),
        ((tmp_path, "--between", "--temperature", "1"), "--temperature is for drawn ones"),
        ((tmp_path, "--output", "a.gif"), "--output is for clips"),
        ((folders["mocogan"], "--sheet", "--motion", "up", "--output", "a.gif"), "--motion is for clips alone"),
    ):  # fmt: skip
        error = run(*words).exception
        assert isinstance(error, UserError) and says in str(error)
