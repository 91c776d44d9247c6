"""Holds the code to the table of docs/architecture.md, and to what no reader should have to check by eye."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FILE_LINES, BODY_LINES = 250, 25
CODE = [p for room in ("textdis", "data_recipes", "scripts", "benchmarks") for p in sorted((ROOT / room).rglob("*.py"))]
PACKAGES = [p for p in CODE if p.relative_to(ROOT).parts[0] in ("textdis", "data_recipes")]
FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Import:
    """`module` is the longest dotted path of ours that the statement names, or the foreign package."""

    file: Path
    line: int
    module: str
    lazy: bool  # inside a function
    typing: bool  # under `if TYPE_CHECKING:`

    def __str__(self) -> str:
        return f"{self.file.relative_to(ROOT)}:{self.line} imports {self.module}"


@dataclass(frozen=True)
class Row:
    """A room of the table: the parts of textdis it may import, and the packages at the top and inside functions."""

    ours: frozenset[str]
    top: frozenset[str]
    lazy: frozenset[str]


# ---- reading ---------------------------------------------------------------------------------------------------------


@cache
def table() -> dict[str, Row]:
    """The rows of docs/architecture.md's import table, by room. Names stand in backticks."""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    lines = re.findall(r"^\| (`.*) \|$", text.split("## Who may import whom")[1].split("\n## ")[0], re.M)
    rows = {}
    for line in lines:
        rooms, *cells = ([*re.findall(r"`([\w.]+)`", cell)] for cell in line.split(" | "))
        rows |= {room: Row(*map(frozenset, cells)) for room in rooms}
    return rows


def name_of(path: Path) -> str:
    """textdis/core/batch.py -> textdis.core.batch"""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room_of(module: str) -> str:
    """textdis.core.batch -> core; data_recipes.yelp -> data_recipes; textdis -> textdis"""
    parts = module.split(".")
    return parts[1] if parts[0] == "textdis" and len(parts) > 1 else parts[0]


@cache
def imports(path: Path) -> tuple[Import, ...]:
    return tuple(_walk(ast.parse(path.read_text(encoding="utf-8")), path, lazy=False, typing=False))


def _walk(node: ast.AST, path: Path, *, lazy: bool, typing: bool) -> Iterator[Import]:
    if isinstance(node, ast.Import | ast.ImportFrom):
        for module in _named(node, path):
            yield Import(path, node.lineno, module, lazy, typing)
    lazy = lazy or isinstance(node, FUNCTIONS)
    typing = typing or (isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test))
    for child in ast.iter_child_nodes(node):
        yield from _walk(child, path, lazy=lazy, typing=typing)


def _named(node: ast.Import | ast.ImportFrom, path: Path) -> set[str]:
    if isinstance(node, ast.Import):
        return {_ours(alias.name) for alias in node.names}
    base = node.module or ""
    if node.level:
        parent = name_of(path).split(".")
        keep = len(parent) - node.level + (path.name == "__init__.py")
        base = ".".join([*parent[:keep], *filter(None, [node.module])])
    return {_ours(f"{base}.{alias.name}") for alias in node.names}


def _ours(name: str) -> str:
    """The longest prefix of `name` that is a module of ours; of a foreign name the package alone."""
    parts = name.split(".")
    for end in range(len(parts), 0, -1):
        path = ROOT.joinpath(*parts[:end])
        if path.with_suffix(".py").is_file() or (path.is_dir() and parts[0] in ("textdis", "data_recipes")):
            return ".".join(parts[:end])
    return parts[0]


def is_ours(module: str) -> bool:
    return module.split(".")[0] in ("textdis", "data_recipes")


# ---- the floors ------------------------------------------------------------------------------------------------------


def test_every_room_has_its_row_and_every_row_its_room() -> None:
    rooms = {room_of(name_of(path)) for path in PACKAGES} - {"textdis"}
    assert set(table()) == rooms


@pytest.mark.parametrize("path", PACKAGES, ids=name_of)
def test_imports_stay_within_the_table(path: Path) -> None:
    room = room_of(name_of(path))
    row = table().get(room, Row(frozenset(), frozenset(), frozenset()))
    assert [str(i) for i in imports(path) if not _allowed(i, room, row)] == []


def _allowed(found: Import, room: str, row: Row) -> bool:
    if not is_ours(found.module):
        return found.module in sys.stdlib_module_names | row.top or (
            (found.lazy or found.typing) and found.module in row.lazy
        )
    inner = found.module.removeprefix("textdis.")
    if room_of(found.module) == room and not any(name.startswith(f"{room}.") for name in row.ours):
        return True  # a room is free within itself, unless its row says which of its own files may be shared
    return found.module == "textdis" or any(inner == name or inner.startswith(f"{name}.") for name in row.ours)


def test_no_circle_of_imports() -> None:
    graph = {
        name_of(path): {i.module for i in imports(path) if is_ours(i.module) and not i.typing} - {name_of(path)}
        for path in PACKAGES
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"a circle of imports: {' <- '.join(error.args[1])}")


LIGHT = {
    "import textdis": "import textdis",
    "textdis --help": "import textdis.cli; run('--help')",
    "textdis transfer --help": "import textdis.cli; run('transfer', '--help')",
    "textdis evaluate --help": "import textdis.cli; run('evaluate', '--help')",
}
PROBE = """
import sys
def run(*words):
    sys.argv = ["textdis", *words]
    try:
        textdis.cli.main()
    except SystemExit as end:
        assert not end.code, end.code
{body}
heavy = {{"torch", "transformers", "datasets", "spacy", "sklearn", "scipy", "matplotlib", "pandas"}} & set(sys.modules)
sys.exit(f"imported {{sorted(heavy)}}" if heavy else 0)
"""


@pytest.mark.parametrize("body", LIGHT.values(), ids=LIGHT)
def test_starts_without_torch(body: str) -> None:
    done = subprocess.run([sys.executable, "-c", PROBE.format(body=body)], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


# ---- the sizes -------------------------------------------------------------------------------------------------------


def test_files_are_short() -> None:
    sizes = {str(p.relative_to(ROOT)): len(p.read_text(encoding="utf-8").splitlines()) for p in CODE}
    assert {path: lines for path, lines in sizes.items() if lines > FILE_LINES} == {}


def test_function_bodies_are_short() -> None:
    bodies = {f"{p.relative_to(ROOT)}:{f.lineno} {f.name}": _body_lines(f) for p in CODE for f in _functions(p)}
    assert {name: lines for name, lines in bodies.items() if lines > BODY_LINES} == {}


def _functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, FUNCTIONS)]


def _body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """From the first statement after the docstring to the end."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


# ---- the check itself ------------------------------------------------------------------------------------------------


def test_the_checks_see_what_they_look_for(tmp_path: Path) -> None:
    upward = Import(ROOT / "textdis" / "nn" / "x.py", 1, "textdis.systems.seq2seq", lazy=True, typing=False)
    assert not _allowed(upward, "nn", table()["nn"])
    path = tmp_path / "three.py"
    path.write_text('def f():\n    """Doc.\n\n    More.\n    """\n    a = 1\n\n    return a\n', encoding="utf-8")
    assert [_body_lines(f) for f in _functions(path)] == [3]
