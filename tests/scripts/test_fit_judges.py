from __future__ import annotations

import importlib.util

import typer
from typer.testing import CliRunner


def test_its_options_become_those_of_the_command(root, monkeypatch):
    specification = importlib.util.spec_from_file_location("fit_judges", root / "scripts" / "fit_judges.py")
    script = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(script)
    taken = []
    monkeypatch.setattr(script, "textdis", taken.append)
    app = typer.Typer()
    app.command()(script.main)
    assert CliRunner().invoke(app, ["--output", "out", "--seed", "3"]).exit_code == 0
    assert taken == [["train", "judges", "--recipe", "yelp", "--output", "out", "--seed", "3"]]
