"""Traps that no reader should have to look for by eye: pickles, and paths of one machine."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
CODE = [p for room in ("textdis", "data_recipes", "scripts", "benchmarks") for p in sorted((ROOT / room).rglob("*.py"))]
PICKLERS = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}


def places(wrong: Callable[[ast.AST], bool]) -> list[str]:
    """Where in the code a node is `wrong`: file and line."""
    return [
        f"{path.relative_to(ROOT)}:{node.lineno}"  # type: ignore[attr-defined]
        for path in CODE
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if wrong(node)
    ]


def test_nothing_is_unpickled() -> None:
    assert places(_unpickles) == []


def _unpickles(node: ast.AST) -> bool:
    if isinstance(node, ast.Import):
        return any(alias.name.split(".")[0] in PICKLERS for alias in node.names)
    if isinstance(node, ast.ImportFrom):
        return (node.module or "").split(".")[0] in PICKLERS
    if not isinstance(node, ast.Call):
        return False
    options = {k.arg: k.value.value for k in node.keywords if isinstance(k.value, ast.Constant)}
    name = ast.unparse(node.func)
    return (
        (name == "torch.load" and options.get("weights_only") is not True)
        or options.get("allow_pickle") is True
        or name.endswith("read_pickle")
    )


# Written in pieces, so that this file does not hold what it looks for.
ELSEWHERE = re.compile(
    r"(?<![\w.$}])/(?:" + "|".join(["work", "home", "root", "Users", "opt", "mnt"]) + r")/[\w.-]"
    r"|" + "|".join(re.escape(host) for host in ("pypi" + ".org", "pythonhosted" + ".org", "download.pytorch" + ".org"))
)


def test_no_machine_path_and_no_registry_host_in_the_repository() -> None:
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    files = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    texts = [ROOT / name for name in files if name and (ROOT / name).suffix not in {".safetensors", ".png", ".model"}]
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
        for path in texts
        if path.is_file()
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if ELSEWHERE.search(line)
    ]
    assert found == []


@pytest.mark.parametrize("line", ["import pickle", "torch.load(path)", "np.load(path, allow_pickle=True)"])
def test_an_unpickling_line_is_seen(line: str) -> None:
    assert any(_unpickles(node) for node in ast.walk(ast.parse(line)))
    assert not any(_unpickles(node) for node in ast.walk(ast.parse("torch.load(path, weights_only=True)")))


def test_a_machine_path_is_seen() -> None:
    assert ELSEWHERE.search("see " + "/ho" + "me/someone")
    assert not ELSEWHERE.search("food/home/garden")
