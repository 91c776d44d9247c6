"""Nothing yields inside `with torch.no_grad()`: whoever takes the value would inherit it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1] / "textdis"
SWITCHES = {"no_grad", "inference_mode", "set_grad_enabled"}
SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


def switches_gradients(node: ast.AST) -> bool:
    """`with torch.no_grad():` or `with no_grad():`, among other contexts or alone."""
    if not isinstance(node, ast.With):
        return False
    calls = [item.context_expr for item in node.items if isinstance(item.context_expr, ast.Call)]
    return any(getattr(call.func, "attr", getattr(call.func, "id", None)) in SWITCHES for call in calls)


def caught(node: ast.AST, inside: bool = False) -> Iterator[int]:
    """Lines of each `yield` of the same function within such a block."""
    if inside and isinstance(node, ast.Yield | ast.YieldFrom):
        yield node.lineno
    inside = switches_gradients(node) or (inside and not isinstance(node, SCOPES))
    for child in ast.iter_child_nodes(node):
        yield from caught(child, inside)


def test_no_yield_inside_no_grad():
    files = sorted(ROOT.rglob("*.py"))
    found = [f"{path}:{line}" for path in files for line in caught(ast.parse(path.read_text(encoding="utf-8")))]
    assert files and not found


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        ("def f():\n  with torch.no_grad():\n    yield 1", [3]),
        ("def f():\n  with a, torch.inference_mode():\n    for x in y:\n      yield from x", [4]),
        ("def f():\n  with torch.set_grad_enabled(False):\n    z = yield", [3]),
        ("def f():\n  with torch.no_grad():\n    a = 1\n  yield a", []),
        ("def f():\n  with torch.no_grad():\n    def g():\n      yield 1\n    return list(g())", []),
        ("def f():\n  with open(x):\n    yield 1", []),
    ],
)
def test_the_scan_sees_what_it_should(code, lines):
    assert list(caught(ast.parse(code))) == lines
