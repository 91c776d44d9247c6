"""Scripts that draw say in one line, and before they work, that the figure has no place."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

CALLS = {
    "strength_curve.py": ["yelp-sentiment", "--output"],
    "traversal_picture.py": ["no-model", "--output"],
    "traversal_text.py": ["yelp", "no-model", "--figure"],
}


@pytest.mark.parametrize("script", CALLS)
def test_a_figure_without_a_place_is_told_first(root: Path, tmp_path: Path, script: str) -> None:
    place = tmp_path / "none" / "x.svg"
    call = [sys.executable, str(root / "scripts" / script), *CALLS[script], str(place)]
    done = subprocess.run(call, capture_output=True, text=True, cwd=root, timeout=300)
    wanted = f"error: {place}: no folder {place.parent}; make it, or choose another place\n"
    assert (done.returncode, done.stderr) == (1, wanted)
