"""The wheel holds all that the main job needs, and does it from another folder, away from the sources."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path
from zipfile import ZipFile

import pytest

pytestmark = pytest.mark.slow
REVIEWS = "The food was awful.\n\nI love this place, the staff is so friendly!\n"
OUTSIDE = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}


def run(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run([*map(str, command)], cwd=cwd, env=OUTSIDE, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, root, cwd=folder)
    return next(folder.glob("textdis-*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The scripts' folder of a new environment that holds the wheel, and sees this one's libraries but not textdis."""
    home = tmp_path_factory.mktemp("new")
    venv.create(home, with_pip=True)
    binaries = home / ("Scripts" if os.name == "nt" else "bin")
    run(binaries / "python", "-m", "pip", "install", "-q", "--no-deps", "--no-index", wheel, cwd=home)
    # a `.pth` line adds the folder but not the `.pth` files in it, by which the editable textdis would come along
    packages = run(binaries / "python", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=home)
    Path(packages.strip(), "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return binaries


def test_the_wheel_holds_the_code_the_recipes_the_model_and_the_judges(wheel: Path, root: Path, shipped: Path) -> None:
    names = set(ZipFile(wheel).namelist())
    model = {path.relative_to(root).as_posix() for path in shipped.parent.rglob("*") if path.is_file()}
    code = {
        "textdis/py.typed",
        "textdis/cli/__init__.py",
        "textdis/evaluation/page.html.j2",
        "data_recipes/__init__.py",
    }
    assert code | model <= names
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == {"textdis", "data_recipes"}
    assert wheel.stat().st_size < 40e6


def test_the_installed_wheel_does_the_main_job(installed: Path, shipped: Path, root: Path, tmp_path: Path) -> None:
    where = run(installed / "python", "-c", "import textdis; print(textdis.__file__)", cwd=tmp_path).strip()
    assert not Path(where).is_relative_to(root)
    (tmp_path / "reviews.txt").write_text(REVIEWS, encoding="utf-8")
    run(installed / "textdis", "transfer", "--input", "reviews.txt", "--output", "out.txt", cwd=tmp_path)
    before, after = (t.split("\n") for t in (REVIEWS, (tmp_path / "out.txt").read_text(encoding="utf-8")))
    assert len(before) == len(after)
    assert [not line for line in after] == [not line for line in before]
    assert after != before
