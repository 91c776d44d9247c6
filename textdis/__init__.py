"""textdis: pull a sequence apart into what it says and how it says it, and put it back together changed."""

from __future__ import annotations

__version__ = "0.1.0"
__all__ = ["Model", "Trainer", "pipeline"]

_HOMES = {"pipeline": "textdis.pipelines", "Model": "textdis.core.model", "Trainer": "textdis.training.trainer"}


def __getattr__(name: str):  # -> Any: typing takes long to import, and until `textdis.cli.main` nothing hears Ctrl-C
    """Loads what is asked for only then, so that `textdis --help` never waits for torch."""
    if name in _HOMES:
        import importlib

        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'textdis' has no attribute {name!r}")
