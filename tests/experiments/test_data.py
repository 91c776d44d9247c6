"""Which sentences a training reads: columns of tables by name, and runs begun before a setting was there."""

import json
from dataclasses import dataclass, field

import pytest

from textdis.cli import main
from textdis.core.errors import UserError
from textdis.experiments.data import read_sentences
from textdis.experiments.experiment import record
from textdis.experiments.reranker import RerankerExperiment, read_labelled
from textdis.experiments.verdict_files import read_all

NAMED = ("review", "stars")
ROWS = [("The food was good.", 5, "x"), ("The food was bad.", 1, "y")]


def table(path):
    names = (*NAMED, "id")
    if path.suffix == ".parquet":
        import pyarrow
        import pyarrow.parquet

        pyarrow.parquet.write_table(pyarrow.table(dict(zip(names, zip(*ROWS, strict=True), strict=True))), path)
    elif path.suffix == ".jsonl":
        path.write_text("".join(json.dumps(dict(zip(names, row, strict=True))) + "\n" for row in ROWS))
    else:
        mark = "\t" if path.suffix == ".tsv" else ","
        path.write_text("".join(mark.join(map(str, row)) + "\n" for row in (names, *ROWS)))
    return str(path)


@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.jsonl", "a.parquet"])
def test_columns_are_named(tmp_path, name):
    found = read_sentences([table(tmp_path / name)], None, 9, columns=NAMED)
    assert (found.texts, found.labels, found.names) == (
        ["the food was good .", "the food was bad ."],
        [1, 0],
        ["1", "5"],
    )
    message = f"{name}, line [12]: no column 'text'; it has review, stars, id; .* --text-column"
    with pytest.raises(UserError, match=message):
        read_sentences([table(tmp_path / name)], None, 9)
    with pytest.raises(UserError, match="no column 'style'; it has review, stars, id; .* --label-column"):
        read_sentences([table(tmp_path / name)], None, 9, columns=("review", "style"))


def test_a_style_that_the_draw_left_out_is_told_with_the_draw(tmp_path):
    with pytest.raises(UserError, match=r"style '[15]' has no sentence of 1 to 9 words among the 1 drawn \(--limit\)"):
        read_sentences([table(tmp_path / "a.csv")], None, 9, limit=1, columns=NAMED)


def test_only_tables_have_columns(tmp_path):
    (tmp_path / "a.txt").write_text("good\n")
    with pytest.raises(UserError, match="a.txt: a txt file has no columns; leave --text-column"):
        read_sentences([str(tmp_path / "a.txt")], None, 9, columns=NAMED)
    with pytest.raises(UserError, match="leave them out with --recipe"):
        read_sentences([], "yelp", 9, columns=NAMED)


SYSTEMS = ["transfer", "judges", "arae", "cross-aligned", "phrase-swap", "traversal --warmup 0", "feedback"]


@pytest.mark.parametrize("system", SYSTEMS)
def test_train_takes_both_names(capsys, tmp_path, system):
    """A table of wrong labels is told from one of wrong texts, so both names arrive."""
    words = [*system.split(), "--data", table(tmp_path / "a.csv"), "--output", str(tmp_path / "run")]
    if system == "feedback":
        (tmp_path / "config.json").write_text('{"format": 1, "model": "textdis.", "config": {}}')
        words += ["--init", str(tmp_path), "--verdicts", "none.jsonl"]
    with pytest.raises(SystemExit) as stop:
        main(["train", *words, "--text-column", "review", "--label-column", "mood"])
    assert stop.value.code == 2 and "no column 'mood'; it has review, stars, id" in capsys.readouterr().err


def test_the_reranker_takes_both_names(tmp_path):
    named = {"text_column": "review", "label_column": "mood"}
    with pytest.raises(UserError, match="no column 'mood'"):
        read_labelled(RerankerExperiment("", "", (), data=(table(tmp_path / "a.csv"),), label=1.0, **named))


@dataclass(frozen=True)
class Settings:
    recipe: str
    share: float = 0.5
    parts: tuple[str, ...] = ("title", "body")
    weights: dict[str, float] = field(default_factory=lambda: {"rec": 2.0})


def forget(folder, setting):
    """Makes the folder that of a run which was begun before the setting was there."""
    record(folder, Settings(recipe="yelp"), ["good"])
    path = folder / "experiment.json"
    card = json.loads(path.read_text())
    del card["settings"][setting]
    path.write_text(json.dumps(card))
    (folder / "state.pt").write_text("begun")


@pytest.mark.parametrize(("later", "other"), [("share", 0.7), ("parts", ("body",)), ("weights", {})])
def test_a_run_of_before_a_setting_was_there_goes_on_at_its_default(tmp_path, later, other):
    forget(tmp_path, later)
    record(tmp_path, Settings(recipe="yelp"), ["good"])
    with pytest.raises(UserError, match=rf"other settings \({later}\)"):
        record(tmp_path, Settings(recipe="yelp", **{later: other}), ["good"])


def test_a_setting_without_a_default_is_another_where_the_record_lacks_it(tmp_path):
    forget(tmp_path, "recipe")
    with pytest.raises(UserError, match=r"other settings \(recipe\)"):
        record(tmp_path, Settings(recipe="yelp"), ["good"])


@pytest.mark.parametrize("split", ["dev", "train"])
def test_a_recipe_without_styles_to_train_on(split, monkeypatch):
    from datasets import Dataset, DatasetDict

    monkeypatch.setattr("data_recipes.load", lambda _: DatasetDict({split: Dataset.from_dict({"text_a": ["x"]})}))
    for read in (lambda: read_sentences([], "r", 9), lambda: read_all([], ["a"], "r")):
        with pytest.raises(UserError, match=f"recipe 'r' has no labelled training split; it has {split}"):
            read()
