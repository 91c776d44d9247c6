"""The README says only what is true: its code runs, its commands exist, its links lead somewhere."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from textdis.core.errors import UserError
from textdis.video.write import write_clip

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
VERBS = (
    "data check", "data list", "data prepare", "train transfer", "train judges", "transfer", "evaluate",
    "sheets export", "sheets", "info", "train mocogan", "sample",
)  # fmt: skip


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.M | re.S)


def commands() -> list[str]:
    """Each line of a shell block that calls textdis, from `textdis` to a pipe or the line's end."""
    return [found for block in blocks("sh") for found in re.findall(r"\btextdis [^|\n#>]+", block)]


@cache
def help_of(verb: str) -> str:
    code = f"from textdis.cli import main; main({[*verb.split(), '--help']!r})"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, env={"COLUMNS": "300", "TERM": "dumb"}
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_quick_start_is_two_commands() -> None:
    section = README.split("## Quick start")[1].split("\n## ")[0]
    assert re.findall(r"^```sh\n(.*?)^```", section, re.M | re.S) == ["make transfer\nmake test\n"]


def test_the_python_code_runs(shipped: Path, tmp_path: Path) -> None:
    said = [run(code, tmp_path).splitlines() for code in blocks("python")]
    assert [len(lines) for lines in said] == [4, 1]  # one text, one list, two sentences; three scores
    assert said[0] == re.findall(r"^# (.+)", blocks("python")[0], re.M)  # what it prints stands there, word for word
    assert said[1][0].startswith("1.0 ")


def run(code: str, folder: Path) -> str:
    assert len([line for line in code.splitlines() if line.strip() and not line.startswith("#")]) <= 10
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("command", commands())
def test_a_command_has_its_verb_and_its_options(command: str) -> None:
    words = shlex.split(command)[1:]
    verb = next(verb for verb in VERBS if words[: len(verb.split())] == verb.split())
    missing = [w for w in words if w.startswith("--") and not re.search(rf"{w}(?![\w-])", help_of(verb))]
    assert missing == []


@pytest.mark.parametrize("section", README.split("\n## "), ids=lambda section: section.splitlines()[0])
def test_every_option_in_the_prose_exists(section: str) -> None:
    """It is one of a command that the same section calls."""
    prose = re.sub(r"^```.*?^```", "", section, flags=re.M | re.S)
    options = {option for code in re.findall(r"`([^`]+)`", prose) for option in re.findall(r"--[a-z][\w-]+", code)}
    verbs = [verb for verb in VERBS if f"textdis {verb}" in section] if options else []
    missing = options - {"--help"} - {option for verb in verbs for option in options if option in help_of(verb)}
    assert missing == set()


def test_every_make_target_exists() -> None:
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    assert set(re.findall(r"\bmake (\w+)", README)) <= targets


PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def anchors(page: Path) -> set[str]:
    """What a page's headings are called in links: lower case, signs left out, hyphens for blanks."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.M)
    return {"", *(re.sub(r"[^a-z0-9 _-]", "", heading.lower()).replace(" ", "-") for heading in headings)}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_to_a_file_and_to_a_heading_in_it(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]*)#?([^)\s]*)\)", page.read_text(encoding="utf-8"))
    found = [(page.parent / name if name else page, anchor) for name, anchor in links if "://" not in name]
    assert [str(file) for file, _ in found if not file.exists()] == []
    assert [anchor for file, anchor in found if file.suffix == ".md" and anchor not in anchors(file)] == []


def test_every_script_and_file_named_in_code_exists() -> None:
    names = re.findall(r"\b(?:scripts|examples|docs|textdis|benchmarks)/[\w./-]*\w", README)
    assert names and [name for name in names if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("kind", ["gif", "mp4", "png", "npz"])
def test_what_needs_the_extra_for_clips_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kind: str) -> None:
    monkeypatch.setitem(sys.modules, "imageio", None)  # as where it is not installed
    needed = next(sentence for sentence in README.split(". ") if "textdis[video]" in sentence).split("needs")[0]
    try:
        write_clip(tmp_path / f"clip.{kind}", np.zeros((2, 4, 4, 3), np.uint8))
    except UserError as error:
        assert "textdis[video]" in str(error) and kind in needed
    else:
        assert kind not in needed
