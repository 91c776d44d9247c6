"""`textdis evaluate` over judges, recipe and model that are made up: what is read, refused, written and warned of."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from datasets import ClassLabel, Dataset, DatasetDict

import data_recipes
import textdis.pipelines
from textdis.cli import main
from textdis.cli.code_view import code_view
from textdis.cli.systems import rewrite, trained_on
from textdis.core.errors import UserError
from textdis.evaluation import judge_folders
from textdis.evaluation.judges import Judges
from textdis.evaluation.protocols import SentenceNLL
from textdis.evaluation.sources import Sources
from textdis.systems.mmd_traversal import MMDTraversal, MMDTraversalConfig
from textdis.text.tokenizer import WordTokenizer

ROOT = Path(__file__).resolve().parents[2]
NAMES = ["negative", "positive"]
TEXTS = ["the soup was bad .", "the staff was good .", "bad wine !"]
LABELS = [0, 1, 0]


class FakeJudges:
    labels, fingerprint, manifest, language = NAMES, "abc", {"data": "yelp"}, None
    held_out = {"cnn": 0.9, "perplexity": 10.0, "unk_share": 0.0, "tokens": 9.0}

    def style(self, texts):
        return {"cnn": np.array([[0.1, 0.9] if "good" in text else [0.9, 0.1] for text in texts])}

    def nll(self, texts):
        tokens = np.array([len(text.split()) + 1 for text in texts])
        return SentenceNLL(2.0 * tokens, tokens, 0 * tokens)

    def weak(self, threshold=None):
        return ["the cnn judge is right on only 50.0%"]


class FakeTransfer:
    """Says good or bad as asked, and keeps what it was asked."""

    labels = NAMES

    def __init__(self):
        self.asked = []

    def __call__(self, texts, **options):
        self.asked.append((list(texts), options))
        word = {"positive": "good", "negative": "bad"}[options["to"]]
        return [text.replace("bad", word).replace("good", word).capitalize() for text in texts]


@pytest.fixture
def run(tmp_path, monkeypatch, capfd):
    """Runs `textdis evaluate` in an empty folder; returns exit code, stdout and stderr."""
    words = [("so", "bad", 0), ("so", "good", 1), ("this is", "bad", 0), ("this is", "good", 1)] * 30
    features = ClassLabel(names=NAMES)
    train = Dataset.from_dict({"text": [f"{a} {b}" for a, b, _ in words], "label": [k for *_, k in words]})
    test = Dataset.from_dict({"text": TEXTS, "label": LABELS, "reference": ["The soup was good."] * 3})
    splits = {"train": train, "dev": test.remove_columns("reference"), "li.test": test}
    bare = {"test": Dataset.from_dict({"text": TEXTS})}
    data = DatasetDict({name: split.cast_column("label", features) for name, split in splits.items()} | bare)
    monkeypatch.setattr(data_recipes, "load", lambda name: data)
    monkeypatch.setattr(judge_folders, "find", lambda name: tmp_path)
    monkeypatch.setattr(Judges, "load", lambda folder, force=False: FakeJudges())
    monkeypatch.setattr("textdis.evaluation.provenance.checkout", lambda: None)
    monkeypatch.chdir(tmp_path)

    def call(*arguments):
        with pytest.raises(SystemExit) as stop:
            main(["evaluate", "--samples", "100", *map(str, arguments)])
        out, err = capfd.readouterr()
        return stop.value.code, out, err

    return call


@pytest.fixture
def transfer(monkeypatch, tmp_path):
    fake = FakeTransfer()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "config.json").write_text('{"format": 1, "model": "textdis.systems.x:X", "config": {}}')
    monkeypatch.setattr(textdis.pipelines, "pipeline", lambda task, model: fake)
    return fake


def put(name, *lines):
    Path(name).write_text("".join(f"{line}\n" for line in lines))
    return name


def cells(out, name):
    """The cells of a system's row of a markdown table, by heading."""
    rows = [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in out.splitlines() if line[:1] == "|"]
    return dict(zip(rows[0], next(row for row in rows if row[0] == name), strict=True))


def test_a_recipe_and_a_model(run, transfer):
    code, out, err = run("--model", "mine", "--data", "yelp", "--markdown")
    assert code == 0, err
    assert cells(out, "mine")["acc cnn %"] == "100.0" and cells(out, "copy of the source")["copies %"] == "100.0"
    assert {"lexicon swap", "planted hack"} <= {line.split(" | ")[0].strip("| ") for line in out.splitlines()}
    assert "scored 4 rows of 3 sentences in" in err and "written down" not in err


@pytest.mark.parametrize("option", [["--known"], ["--strength", "0.5"], ["--n-best", "8"], ["--neutral", "0.5"]])
def test_what_says_how_a_model_rewrites_is_refused_without_one(run, transfer, option):
    code, _, err = run("--outputs", put("b.txt", *TEXTS), *option)
    assert code == 2 and f"textdis: {option[0]} says how a --model rewrites; add one, or leave it out" in err
    assert run("--outputs", "b.txt", "--model", "mine", *option)[0] == 0


def test_whose_sentences_are_scored_is_said_where_nobody_chose(run):
    put("b.txt", *TEXTS)
    told = "textdis: the sentences are yelp's, split dev; --sources FILE takes own ones\n"
    assert told in run("--outputs", "b.txt")[2]
    assert "the sentences are" not in run("--outputs", "b.txt", "--data", "yelp")[2]
    assert "the sentences are" not in run("--outputs", "b.txt", "--sources", put("a.txt", *TEXTS))[2]


def test_each_sentence_is_asked_for_its_target(transfer):
    data = Sources(TEXTS, LABELS, label_names=NAMES)
    assert rewrite("mine", data, known=False, strength=0.7) == [
        "the soup was good .",
        "the staff was bad .",
        "good wine !",
    ]
    assert transfer.asked == [
        ([TEXTS[0], TEXTS[2]], {"to": "positive", "source": None, "strength": 0.7}),
        ([TEXTS[1]], {"to": "negative", "source": None, "strength": 0.7}),
    ]
    rewrite("mine", data, known=True)
    assert [options["source"] for _, options in transfer.asked[2:]] == ["negative", "positive"]


def test_own_files_of_any_system(run):
    sources, labels = put("a.txt", *TEXTS), put("l.txt", "negative", "1", "negative")
    first, second = put("b.txt", "The soup was GOOD.", "", "Good wine!"), put("c.txt", *TEXTS)
    references = (
        "--references",
        put("r.txt", "soup good", "", "good !"),
        "--references",
        put("s.txt", "good", "bad", "ok"),
    )
    named = "--name", "first", "--name", "second"
    code, out, err = run(
        "--sources",
        sources,
        "--labels",
        labels,
        "--outputs",
        first,
        "--outputs",
        second,
        *references,
        *named,
        "--markdown",
    )
    assert code == 0, err
    assert cells(out, "first")["acc cnn %"] == "66.7" and cells(out, "first")["empty %"] == "33.3"
    assert cells(out, "second")["copies %"] == "100.0" and cells(out, "human reference")["copies %"] == "0.0"
    assert "first: 1 empty; counted as failures." in out and "brought to model text first" in out


def test_what_cannot_be_used_is_told_before_scoring(run, monkeypatch):
    monkeypatch.setattr("textdis.cli.scored.score", lambda *_: pytest.fail("scored"))
    own, table = put("mine.txt", "the food was bad ."), put("mine.csv", "text", "the food was good .")
    code, _, err = run("--sources", own, "--outputs", own, "--output", own)
    assert code == 2 and "mine.txt: cannot be written (Not a directory)" in err
    code, _, err = run("--sources", own, "--outputs", table)
    assert code == 2 and "mine.csv: is read as plain lines" in err


def test_styles_that_nobody_gave_are_judged_and_said_to_be(run):
    asked = "--sources", put("a.txt", *TEXTS), "--outputs", put("b.txt", *TEXTS), "--markdown"
    assert "styles of the sources are what the first judge says" in run(*asked)[1]
    _, out, _ = run(*asked, "--to", "negative")
    assert "what the first judge says" not in out and cells(out, "b.txt")["acc cnn %"] == "66.7"


def test_the_terminal_table_fits_100_columns(run, transfer):
    _, out, _ = run("--model", "mine", "--split", "li.test")
    assert max(map(len, out.splitlines())) <= 100 and "human reference" in out and "acc cnn %" in out


def test_the_report_and_its_fingerprints(run, transfer):
    code, _, err = run("--model", "mine", "--outputs", put("b.txt", *TEXTS), "--data", "yelp-li", "--output", "report")
    assert code == 0 and "the report is report/report.html" in err
    content = json.loads(Path("report/scores.json").read_text())
    facts = content["record"]
    assert facts["data"]["recipe"] == "yelp" and facts["data"]["split"] == "li.test" and facts["judges"] == "abc"
    assert set(facts["systems"]) == {"mine", "b.txt"} and facts["resamples"] == {"samples": 100, "seed": 0}
    assert content["systems"]["b.txt"]["scores"]["copy_rate"] == 1.0 and "command" in facts
    assert "Rewritings of yelp, split li.test" in Path("report/report.html").read_text()


@pytest.fixture
def codes(tmp_path):
    """A model with one code a sentence, and random weights."""
    torch.manual_seed(0)
    tokenizer = WordTokenizer("the soup staff was bad good wine . !".split())
    tokenizer.save(tmp_path / "codes")
    network = MMDTraversal(MMDTraversalConfig(tokenizer.size, embedding=20, filters=5))
    network.save_pretrained(tmp_path / "codes", longest=7)
    return tmp_path / "codes"


def test_codes_are_drawn_into_the_report(run, codes):
    texts, labels = [f"the {what} was {how} ." for how in ("bad", "good") for what in ["soup", "staff"] * 8], "01"
    put("a.txt", *texts)
    put("labels.txt", *(label for label in labels for _ in range(16)))
    options = ["--outputs", put("b.txt", *texts[::-1]), "--output", "report", "--codes", codes, "--topic", "soup"]
    code, _, err = run("--sources", "a.txt", "--labels", "labels.txt", *options)
    assert code == 0, err
    page = Path("report/report.html").read_text()
    assert Path("report/codes.png").read_bytes().startswith(b"\x89PNG") and "data:image/png;base64," in page
    assert f"Codes of {codes} (20 numbers); the arrows are the 10 sentences shown below." in page


def test_codes_move_each_sentence_towards_its_style(codes):
    texts, labels = ["the soup was bad .", "the wine was good ."] * 20, [0, 1] * 20
    view = code_view(str(codes), Sources(texts, labels, label_names=NAMES), {"same": texts}, ["soup"])
    assert {name: group.shape for name, group in view.groups.items()} == {
        "negative, soup": (20, 20),
        "positive, other": (20, 20),
    }
    before, after = view.moves["same"]
    assert np.allclose(before, after, atol=1e-6) and before.shape == (10, 20)
    before, after = view.moves["latent traversal"]
    bad, good = view.groups["negative, soup"][0], view.groups["positive, other"][0]
    towards = np.where(np.isclose(before, bad, atol=1e-6).all(1)[:, None], good - bad, bad - good)
    assert (((after - before) * towards).sum(1) > 0).all()


def test_codes_need_both_styles_and_a_report(run, codes):
    with pytest.raises(UserError, match="too few sources of negative and positive to move between"):
        code_view(str(codes), Sources(["the soup was bad ."] * 3, [0] * 3, label_names=NAMES), {}, [])
    assert "--codes draws into the report; add --output FOLDER" in run("--model", "mine", "--codes", codes)[2]
    assert "--topic sets sentences of --codes apart; add --codes MODEL" in run("--model", "mine", "--topic", "soup")[2]


def test_a_look_at_a_test_set_is_written_down(run, transfer, monkeypatch, tmp_path):
    _, _, err = run("--model", "mine", "--data", "yelp-li", "--output", "report")
    (line,) = map(json.loads, Path("report/test_runs.jsonl").read_text().splitlines())
    assert line["system"] == "mine" and line["split"] == "li.test" and line["judges"] == "abc"
    assert "written down in report/test_runs.jsonl" in err
    assert "written down nowhere" in run("--model", "mine", "--data", "yelp-li")[2]
    monkeypatch.setattr("textdis.evaluation.provenance.checkout", lambda: tmp_path)  # as inside the project's checkout
    run("--model", "mine", "--data", "yelp-li")
    assert len(Path("docs/test_runs.jsonl").read_text().splitlines()) == 1


def test_a_look_at_dev_is_not(run, transfer):
    assert run("--model", "mine", "--save", "saved.txt", "--output", "report")[0] == 0
    assert Path("saved.txt").read_text().splitlines()[2] == "good wine !"
    assert not Path("report/test_runs.jsonl").exists()


def test_a_model_that_was_trained_on_what_it_is_scored_on_is_told(run, transfer):
    config = {"format": 1, "model": "textdis.systems.x:X", "config": {}, "trained_on": "yelp:dev"}
    Path("mine/config.json").write_text(json.dumps(config))
    assert "mine: yelp:dev is what the model was trained on" in run("--model", "mine", "--markdown")[1]
    assert "trained on" not in run("--model", "mine", "--split", "li.test", "--markdown")[1]


def test_a_run_folder_tells_what_its_model_was_trained_on(tmp_path):
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "config.json").write_text('{"format": 1, "model": "textdis.systems.x:X", "config": {}}')
    assert trained_on(str(tmp_path / "model")) is None
    (tmp_path / "experiment.json").write_text('{"settings": {"recipe": "amazon"}}')
    assert trained_on(str(tmp_path / "model")) == "amazon:train"


def test_baselines_of_a_few_given_sentences(run):
    train = "--train", put("n.txt", *["so bad"] * 9), "--train", put("p.txt", *["so good"] * 9)
    _, out, _ = run("--sources", put("a.txt", *TEXTS), "--outputs", put("b.txt", *TEXTS), *train, "--markdown")
    assert "Lexicon swap fitted on n.txt, p.txt" in out and cells(out, "lexicon swap")["acc cnn %"] == "100.0"


def test_judges_that_were_forced_or_fitted_elsewhere_are_noted(run, transfer, monkeypatch):
    monkeypatch.setattr(FakeJudges, "manifest", {"data": "amazon"})
    _, out, _ = run("--model", "mine", "--force", "--markdown")
    assert "Forced: the cnn judge is right on only 50.0%." in out
    assert "judges were fitted on amazon, these sentences are of yelp" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "nothing to score: give --model or --outputs"),
        (["--outputs", "missing.txt"], "missing.txt: no such file; check the path given as --outputs"),
        *(
            (["--outputs", "b.txt", "--sources", "a.txt", option, "missing.txt"], f"check the path given as {option}")
            for option in ("--sources", "--references", "--labels", "--targets")
        ),
        (["--outputs", "empty.txt"], "empty.txt: is empty"),
        (["--outputs", "two.txt"], "two.txt: 2 for 3 sources"),
        (["--outputs", "b.txt", "--split", "nope"], "yelp has no such split; it has train, dev"),
        (["--outputs", "b.txt", "--split", "test"], "yelp gives no styles there"),
        (["--outputs", "b.txt", "--name", "x", "--name", "y"], "2 times --name for 1 systems"),
        (["--outputs", "b.txt", "--outputs", "b.txt"], "two systems are called 'b.txt'"),
        (["--outputs", "b.txt", "--name", "lexicon swap"], "may not be called 'lexicon swap'"),
        (["--outputs", "b.txt", "--name", "latent traversal"], "may not be called 'latent traversal'"),
        (
            ["--outputs", "b.txt", "--data", "amazon"],
            "textdis train judges --recipe amazon --output runs/judges-amazon",
        ),
        (["--outputs", "b.txt", "--against", "best"], "no row 'best' to compare with"),
        (["--outputs", "b.txt", "--data", "yelpp"], "no recipe 'yelpp'; there are amazon"),
        (["--outputs", "b.txt", "--to", "positive"], "belong to --sources"),
        (["--outputs", "b.txt", "--sources", "a.txt", "--data", "yelp"], "give one or the other"),
        (
            ["--outputs", "b.txt", "--sources", "a.txt", "--to", "positive", "--targets", "a.txt"],
            "--targets one for each: give one or the other",
        ),
        (["--outputs", "b.txt", "--sources", "a.txt", "--to", "happy"], "the judges know no such style"),
        *(
            (["--outputs", "b.txt", "--sources", "a.txt", option, path], f"textdis: {path}: 2 lines, and a.txt has 3;")
            for option, path in (("--references", "two.txt"), ("--labels", "01.txt"), ("--targets", "01.txt"))
        ),
        (
            ["--outputs", "b.txt", "--sources", "a.txt", "--labels", "two.txt"],
            "two.txt, line 1: label 'the soup was bad .'",
        ),
        (["--outputs", "b.txt", "--reverse"], "--reverse needs judges with a language model over words"),
    ],
)
def test_bad_input_is_one_line_and_exit_2(run, arguments, message):
    put("a.txt", *TEXTS), put("b.txt", *TEXTS), put("c.txt", *TEXTS)
    put("two.txt", *TEXTS[:2]), put("01.txt", *"01"), put("empty.txt")
    code, _, err = run(*arguments)
    assert code == 2 and message in err
    assert sum(line.startswith("textdis: ") and message in line for line in err.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--save", "s.csv"], "s.csv: csv is not written; choose txt"),
        (["--save", "b.txt"], "b.txt: is the input, and would be written over; give --save another name"),
        (["--save", "none/s.txt"], "none/s.txt: no folder none there; make it first"),
        (
            ["--outputs", "c.txt", "--save", "s.txt"],
            "--save writes the outputs of one system; --output FOLDER keeps those of all",
        ),
    ],
)
def test_a_save_that_cannot_be_is_told_before_a_model_is_loaded(run, monkeypatch, arguments, message):
    monkeypatch.setattr(Judges, "load", lambda *_, **__: pytest.fail("loaded"))
    put("b.txt", *TEXTS), put("c.txt", *TEXTS)
    code, _, err = run("--outputs", "b.txt", *arguments)
    assert code == 2 and f"textdis: {message}" in err.splitlines()


def test_reverse_perplexity_is_of_real_sentences_that_nothing_rewrites(run, monkeypatch):
    class Words:
        class tokenizer:
            words = ["so", "bad"]

    asked = []

    def reverse_perplexity(generated, held_out, words):
        asked.append((list(generated), list(held_out), words))
        return {"reverse_perplexity": 77.0}

    monkeypatch.setattr(FakeJudges, "language", Words)
    monkeypatch.setattr("textdis.evaluation.reverse.reverse_perplexity", reverse_perplexity)
    _, out, _ = run("--outputs", put("b.txt", *TEXTS), "--split", "li.test", "--reverse", "--markdown")
    assert cells(out, "b.txt")["reverse ppl"] == "77.0" and asked[-1] == (TEXTS, TEXTS, ["so", "bad"])  # those of dev
    own = "--sources", put("a.txt", *TEXTS), "--outputs", "b.txt", "--reverse"
    assert "give some with --train" in run(*own)[2]
    run(*own, "--train", put("n.txt", *["So bad"] * 9), "--train", put("p.txt", *["so good"] * 9))
    assert set(asked[-1][1]) == {"so bad", "so good"}


def test_a_model_without_the_style_is_told(monkeypatch, lexicon):
    monkeypatch.setattr(textdis.pipelines, "pipeline", lambda task, model: lexicon)
    with pytest.raises(UserError, match="no style 'science' in this model, .*textdis train judges"):
        rewrite("mine", Sources(["why"], [0], label_names=["politics", "science"]), known=False)


def test_the_script_is_the_command():
    script = ROOT / "scripts" / "evaluate.py"
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, script], env=environment, capture_output=True, text=True)
    assert done.returncode == 2 and done.stderr.startswith("textdis: ") and done.stderr.count("\n") == 1
