"""A picture is there whole or not at all, and what hinders it is told."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

from textdis.core.errors import UserError
from textdis.core.pictures import check_picture, save_figure, whole_picture
from textdis.evaluation.codes_picture import draw_codes


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("x.nothing", "x.nothing: .nothing is not written; choose png, jpg, pdf or svg"),
        ("x", "x: a name without an extension is not written; choose png"),
        ("none/x.png", "none/x.png: no folder .*none; make it, or choose another place"),
        ("file/x.png", "file/x.png: no folder .*file; make it"),
        ("folder.png", "folder.png: is a directory; give a file"),
        (f"{'x' * 300}.png", "cannot be written .File name too long.; choose another place"),
    ],
)
def test_a_figure_that_cannot_be_written(tmp_path: Path, name: str, says: str) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(UserError, match=says) as error:
        save_figure(Figure(), tmp_path / name)
    assert "\n" not in str(error.value) and sorted(os.listdir(tmp_path)) == ["file", "folder.png"]


def test_a_folder_that_may_not_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.access", lambda path, mode: mode != os.W_OK or path != tmp_path)  # we may be root
    with pytest.raises(UserError, match="x.png: may not be written; choose another place"):
        draw_codes(tmp_path / "x.png", {"a": np.eye(3)}, np.eye(3), np.eye(3))


def test_a_figure_is_of_the_kind_that_its_name_tells(tmp_path: Path) -> None:
    for name, begins in (("x.PNG", b"\x89PNG"), ("x.svg", b"<?xml"), ("x.pdf", b"%PDF"), ("x.jpg", b"\xff\xd8")):
        draw_codes(tmp_path / name, {"a": np.eye(3)}, np.eye(3), np.eye(3))
        assert (tmp_path / name).read_bytes().startswith(begins)
    assert check_picture(tmp_path / "x.PNG", "gif", "png") == "png"


def test_what_fails_halfway_leaves_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "x.png").write_text("as it was")
    for fault, says in (
        (PermissionError(13, "Permission denied"), "x.png: cannot be written (Permission denied); choose"),
        (RuntimeError("no\n codec"), "x.png: cannot be written (no codec); choose another place, kind or size"),
    ):
        with pytest.raises(UserError) as error, whole_picture(tmp_path / "x.png") as part:
            part.write_text("half")
            raise fault
        assert says in str(error.value)
    assert os.listdir(tmp_path) == ["x.png"] and (tmp_path / "x.png").read_text() == "as it was"
