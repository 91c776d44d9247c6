"""Freed memory stays with the process where that was asked for, and the trainer asks for it on a processor."""

import os
import platform
import subprocess
import sys

import pytest

from textdis.core import memory

LEFT = """
import resource, sys, torch
from textdis.core.memory import keep_freed_memory
def resident():
    return int(open("/proc/self/statm").read().split()[1]) * resource.getpagesize()
if sys.argv[1] == "keep":
    assert keep_freed_memory()
torch.ones(8)
before = resident()
block = torch.ones(50_000_000)  # 200 MB
del block
print(resident() - before)
"""


def left(ask: str) -> int:
    """Bytes that a process still holds after it freed 200 MB."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("MALLOC_")}
    done = subprocess.run([sys.executable, "-c", LEFT, ask], capture_output=True, text=True, check=True, env=plain)
    return int(done.stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="needs glibc")
def test_freed_blocks_are_kept_when_asked():
    assert left("no") < 50_000_000
    assert left("keep") > 150_000_000


def test_another_c_library_changes_nothing(monkeypatch):
    monkeypatch.setattr(memory.ctypes, "CDLL", lambda name: object())
    assert memory.keep_freed_memory() is False


def test_sizes_that_an_older_library_refuses_are_tried_smaller(monkeypatch):
    asked = []

    class Older:
        @staticmethod
        def mallopt(parameter: int, value: int) -> int:
            asked.append((parameter, value))
            return int(value <= 1 << 25)

    monkeypatch.setattr(memory.ctypes, "CDLL", lambda name: Older)
    assert memory.keep_freed_memory() is True
    assert asked == [(-1, -1), (-3, 1 << 30), (-3, 1 << 25)]
