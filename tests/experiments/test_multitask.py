"""A whole run on a few made sentences: from columns to a folder that is probed, interpolated and added up."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
import tyro

from textdis.cli import main
from textdis.core.errors import UserError
from textdis.core.model import ModelError
from textdis.evaluation.decoders import perplexities
from textdis.experiments.multitask import MultiTaskExperiment, make_model, make_tokenizers, make_weights, read, train
from textdis.experiments.parallel_data import MISSING, make_batches, once, share_of, split_rows
from textdis.pipelines import pipeline
from textdis.pipelines.codes import Codes
from textdis.text.tokenizer import CharTokenizer, SentencePieceTokenizer, WordTokenizer, load_tokenizer

ROOT = Path(__file__).resolve().parents[2]
WORDS = [("cat", "kat"), ("dog", "hun"), ("bird", "fug"), ("fish", "fis"), ("cow", "ko")]
ROWS = [
    {"en": f"The {a} {verb} a {b}.", "xx": f"{y} {x} {verb[:2]}", "pos": "DT NN VBZ DT NN ."}
    for a, x in WORDS
    for b, y in WORDS
    for verb in ("sees", "eats")
]
SMALL = {"hidden": 17, "embedding": 7, "representation": 5, "steps": 4, "batch_size": 11, "device": "cpu"}


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "rows.jsonl"
    rows = [row | ({"xx": None} if i % 3 == 0 else {}) for i, row in enumerate(ROWS)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return str(path)


def experiment(tmp_path, table, **fields):
    options = SMALL | {"decoders": ("copy", "xx", "pos"), "data": (table,)} | fields
    return MultiTaskExperiment(str(tmp_path / "run"), **options)


@pytest.fixture
def folder(tmp_path, table):
    train(experiment(tmp_path, table))
    return tmp_path / "run" / "model"


def call(capsys, *arguments):
    with pytest.raises(SystemExit) as stop:
        main(list(map(str, arguments)))
    out, err = capsys.readouterr()
    return stop.value.code, out, err


def test_the_command_for_tables_on_its_page_reads_the_column_it_names(tmp_path):
    """`text` is what the README calls the column of sentences; without --source, `en` is read."""
    page = (ROOT / "docs" / "systems" / "multitask.md").read_text(encoding="utf-8")
    (options,) = re.findall(r"textdis train multitask --data rows.jsonl ([^#\n]*)", page)
    (tmp_path / "rows.jsonl").write_text('{"text": "a cat", "fr": "un chat", "tags": "DT NN"}\n' * 3)
    settings = tyro.cli(MultiTaskExperiment, args=["--data", str(tmp_path / "rows.jsonl"), *options.split()])
    assert read(settings).train["text"] == ["a cat"] * 2


# ---- data ------------------------------------------------------------------------------------------------------------


def test_a_missing_target_becomes_a_row_of_pads(tmp_path, table):
    e = experiment(tmp_path, table)
    rows = read(e)
    batches = make_batches(rows.train, "en", e.decoders, make_tokenizers(e, rows.train), batch_size=100)
    [batch] = once(batches)
    missing = sum(text is None for text in rows.train["xx"])
    pads = (batch.targets["xx"].tokens == 0).all(1)
    assert 0 < missing == int(pads.sum()) and batch.targets["pos"].mask[pads].any(1).all()
    assert MISSING == [0, 0] and (batch.targets["copy"].tokens == batch.source.tokens).all()


def test_dev_rows_are_apart_and_alike_for_all_seeds(tmp_path, table):
    first, second = (read(experiment(tmp_path, table, seed=seed)) for seed in (0, 1))
    assert first.dev == second.dev and len(first.dev["en"]) == len(ROWS) // 20
    assert not set(first.dev["en"]) & set(first.train["en"])


def test_the_share_is_drawn_by_the_seed_and_long_rows_are_left_out():
    columns = {"en": [f"{i:02}" for i in range(60)] + ["x" * 9, None], "xx": ["y" * 9] * 62}
    third = share_of(columns, "en", 1 / 3, 5, seed=0)
    assert len(third["en"]) == len(third["xx"]) == 20 and "x" * 9 not in third["en"]
    assert third == share_of(columns, "en", 1 / 3, 5, seed=0) != share_of(columns, "en", 1 / 3, 5, seed=1)
    assert len(share_of(columns, "en", 1.0, 5, seed=0)["en"]) == 60
    with pytest.raises(UserError, match="no row of 1 to 1 characters"):
        share_of(columns, "en", 1.0, 1, seed=0)
    with pytest.raises(UserError, match="at least two"):
        split_rows({"en": ["a", None]}, "en")


def test_aligned_files_and_tags_by_spacy(tmp_path, monkeypatch):
    monkeypatch.setenv("TEXTDIS_CACHE", str(tmp_path / "cache"))
    (tmp_path / "a.txt").write_text("".join(f"{row['en']}\n" for row in ROWS))
    (tmp_path / "b.txt").write_text("".join(f"{row['xx']}\n" for row in ROWS))
    files = (f"en={tmp_path}/a.txt", f"de={tmp_path}/b.txt")
    rows = read(experiment(tmp_path, "", data=(), columns=files, decoders=("copy", "de", "pos"), spacy=True))
    assert set(rows.train) == {"en", "de", "pos"} and rows.train["pos"][0] == "DT NN VBZ DT NN ."
    with pytest.raises(UserError, match="add fr=FILE"):
        read(experiment(tmp_path, "", data=(), columns=files, decoders=("fr",)))


def test_units(tmp_path, table):
    kinds = {"char": CharTokenizer, "word": WordTokenizer, "sentencepiece": SentencePieceTokenizer}
    for units, kind in kinds.items():
        e = experiment(tmp_path, table, units=units, pieces=300)
        found = make_tokenizers(e, read(e).train)
        assert type(found["copy"]) is type(found["xx"]) is kind and type(found["pos"]) is WordTokenizer
    rows = read(experiment(tmp_path, table, units="word")).train
    assert rows["en"][0].startswith("the ") and rows["pos"][0].startswith("DT ")


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"decoders": ()}, "no decoder"),
        ({"decoders": ("copy", "copy")}, "names 'copy' twice"),
        ({"share": 0.0}, "above 0"),
        ({"data": ()}, "--recipe NAME"),
        ({"decoders": ("fr",)}, "no column 'fr'"),
        ({"weights": {"fr": 1.0}}, "not among the decoders"),
    ],
)
def test_what_cannot_be_is_refused(fields, says, tmp_path, table):
    with pytest.raises(UserError, match=says):
        train(experiment(tmp_path, table, **fields))


def test_weights_make_a_symbol_count_as_much_as_any_other(tmp_path, table):
    e = experiment(tmp_path, table, weights={"pos": 3.0})
    train_rows = read(e).train
    tokenizers = make_tokenizers(e, train_rows)
    found = make_weights(e, train_rows, tokenizers)
    source, tags = (np.mean([len(tokenizers[n].encode(t)) - 1 for t in train_rows[c]]) for n, c in
                    (("copy", "en"), ("pos", "pos")))  # fmt: skip
    assert found["copy"] == 1.0 and found["pos"] == pytest.approx(3.0 * source / tags)
    assert make_weights(experiment(tmp_path, table, per="sentence"), train_rows, tokenizers)["xx"] == 1.0


def test_a_symbol_counts_as_much_where_targets_are_missing(tmp_path, table):
    """The weighted losses are means over all rows: at a nat a symbol those of all decoders are alike."""
    e = experiment(tmp_path, table)
    rows = read(e).train
    tokenizers = make_tokenizers(e, rows)
    [batch] = once(make_batches(rows, "en", e.decoders, tokenizers, batch_size=100))
    found = make_weights(e, rows, tokenizers)
    losses = [found[name] * batch.targets[name].mask.sum(1).float().mean().item() for name in e.decoders]
    assert losses == pytest.approx(losses[:1] * 3)


def test_each_process_takes_its_share(tmp_path, table, second_of_two):
    train(experiment(tmp_path, table))
    (batches,) = second_of_two
    assert (batches.rank, batches.world) == (1, 2)


# ---- a run -----------------------------------------------------------------------------------------------------------


def test_a_stopped_run_goes_on_to_the_same_numbers(tmp_path, table):
    through = experiment(tmp_path, table, steps=6, validate_every=3)
    whole = train(through)
    parts = MultiTaskExperiment(**vars(through) | {"output": str(tmp_path / "parts")})
    from textdis.experiments import multitask
    from textdis.training.callbacks import Callback

    class Stop(Callback):
        def on_step(self, trainer, logs):
            if trainer.state.step == 3:
                trainer.stop("for the test")

    class Stopped(multitask.Trainer):
        def __init__(self, objective, config, output, callbacks, write):
            super().__init__(objective, config, output, [Stop()], write)

    kept, multitask.Trainer = multitask.Trainer, Stopped
    try:
        train(parts)
    finally:
        multitask.Trainer = kept
    assert train(parts) == whole


def test_the_folder_holds_every_tokenizer_and_says_how_to_read(folder):
    notes = json.loads((folder / "config.json").read_text())
    assert notes["raw"] is True and notes["longest"] >= len("The bird sees a fish.")
    assert isinstance(load_tokenizer(folder), CharTokenizer)
    assert load_tokenizer(folder / "decoders" / "pos").encode("DT NN")[1:-1]
    assert "copy, xx, pos" in (folder / "README.md").read_text()


def test_perplexities_are_per_symbol(tmp_path, table):
    e = experiment(tmp_path, table)
    rows = read(e)
    tokenizers = make_tokenizers(e, rows.train)
    model = make_model(e, tokenizers)
    for p in model.parameters():
        p.data.zero_()  # then every symbol is as likely as any other
    found = perplexities(model, once(make_batches(rows.dev, "en", e.decoders, tokenizers, batch_size=2)))
    assert found == {name: pytest.approx(tokenizers[name].size, rel=1e-5) for name in e.decoders}


# ---- the front doors -------------------------------------------------------------------------------------------------


def test_interpolation_from_python(folder):
    line = pipeline("interpolate", folder, device="cpu")("The cat sees a dog.", "A cow.", steps=5, start=-0.5, end=1.5)
    assert [point.t for point in line.points] == [-0.5, 0.0, 0.5, 1.0, 1.5]
    assert [point.outside for point in line.points] == [True, False, False, False, True]
    reconstruct = pipeline("reconstruct", folder, device="cpu")
    assert (
        line.ends == tuple(reconstruct(["The cat sees a dog.", "A cow."])) == (line.points[1].text, line.points[3].text)
    )
    assert line.exact == (line.ends == (line.first, line.second))
    same = pipeline("interpolate", folder, device="cpu")("A cow.", "A cow.")
    assert len({point.text for point in same.points}) == 1
    with pytest.raises(UserError, match="at least two"):
        pipeline("interpolate", folder, device="cpu")("A", "B", steps=1)


def test_arithmetic_from_python(folder):
    add = pipeline("arithmetic", folder, device="cpu")
    found = add("A cow.", "A cow.", "The cat sees a dog.")
    assert found.text == pipeline("reconstruct", folder, device="cpu")("The cat sees a dog.")
    assert [sign for sign, _, _ in found.terms] == [1, -1, 1]
    with pytest.raises(UserError, match="nothing to add"):
        Codes.from_folder(folder, device="cpu").combine([])


def test_a_model_without_copy_is_probed_but_not_asked_to_speak(tmp_path, table, capsys):
    train(experiment(tmp_path, table, decoders=("pos",)))
    folder = tmp_path / "run" / "model"
    assert call(capsys, "probe", "syntax", folder, "--runs", 1, "--fillings", 2, "--json")[0] == 0
    code, _, err = call(capsys, "interpolate", folder, "A cow.", "A cat.")
    assert code == 2 and "no decoder 'copy'" in err


def test_a_model_without_a_sentence_code_is_refused(shipped):
    with pytest.raises(ModelError, match="no code for a whole sentence"):
        pipeline("interpolate", shipped, device="cpu")


def test_commands(folder, capsys, tmp_path):
    code, out, _ = call(capsys, "interpolate", folder, "The cat sees a dog.", "A cow.", "--steps", 3, "--end", 2)
    assert code == 0 and [line[:7] for line in out.splitlines()] == ["  0.00 ", "  1.00 ", "  2.00*"]
    out = call(capsys, "interpolate", folder, "The cat sees a dog.", "A cow.", "--json")[1]
    assert len(json.loads(out)["points"]) == 7
    code, out, err = call(capsys, "arithmetic", folder, "A cow.", "-", "A cat.", "+", "A cat.")
    assert code == 0 and out == f"{json.loads(call(capsys, 'arithmetic', folder, 'A cow.', '--json')[1])['text']}\n"
    assert "did not come back" in err
    code, _, err = call(capsys, "arithmetic", folder, "A cow.", "A cat.")
    assert code == 2 and "in quotes" in err
    picture = tmp_path / "space.png"
    code, out, _ = call(capsys, "probe", "syntax", folder, "--runs", 2, "--fillings", 3, "--picture", picture)
    assert code == 0 and "of 42 sentences" in out and picture.read_bytes()[:4] == b"\x89PNG"
    code, _, err = call(capsys, "probe", "syntax", "no-model", "--picture", tmp_path / "none" / "space.png")
    assert code == 2 and "none there; make it first" in err  # told before a model is looked for


def test_train_passes_its_options_on(capsys, monkeypatch, tmp_path):
    taken = []
    monkeypatch.setattr("textdis.experiments.multitask.train", taken.append)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x" / "model").mkdir(parents=True)
    (tmp_path / "x" / "model" / "config.json").write_text("{}")
    options = [
        "--recipe",
        "grammar",
        "--decoders",
        "copy",
        "pos",
        "--share",
        0.5,
        "--weights",
        "pos",
        4,
        "--output",
        "x",
    ]
    code, _, err = call(capsys, "train", "multitask", *options)
    assert code == 0 and "textdis probe syntax x/model" in err
    assert (taken[0].decoders, taken[0].share, taken[0].weights) == (("copy", "pos"), 0.5, {"pos": 4.0})
