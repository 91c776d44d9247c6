"""From marks on a model's rewritings to a reranker that the pipeline opens."""

import json

import pytest
import torch

from data_recipes import toy
from textdis.core.errors import UserError
from textdis.core.model import load, read_config
from textdis.experiments.feedback import FeedbackExperiment
from textdis.experiments.reranker import RerankerExperiment, contested, groups_of, make_model, ranked, train
from textdis.experiments.transfer import TransferExperiment
from textdis.experiments.transfer import train as train_transfer
from textdis.experiments.verdict_files import read_verdicts
from textdis.pipelines import pipeline
from textdis.systems.language_model import LanguageModel, LanguageModelConfig
from textdis.text.batches import collate
from textdis.text.tokenizer import load_tokenizer
from textdis.training import processes

SMALL = {
    "seq2seq": {"embedding": 16, "hidden": 16, "units": 8},
    "classifier": {"embedding": 16, "filters": 8, "heights": [1, 2]},
}


@pytest.fixture(scope="module")
def base(tmp_path_factory, toy_files):
    """A model of a made language that has learnt nothing, and marks: the rule's rewriting is right."""
    folder = tmp_path_factory.mktemp("reranker")
    sentences = toy.generate(300, 0)
    made = TransferExperiment(
        str(folder / "run"), data=toy_files(folder, sentences), steps=2, warmup=2, back=0.5, **SMALL
    )
    train_transfer(made)
    rows = []
    for number, one in enumerate(sentences):
        words = one.reference.split()
        wrong = " ".join(words[:-2] + words[-1:])  # a word is lost
        others = [one.reference, wrong] if number % 2 else [wrong, one.reference]
        row = {"source": one.text, "from": str(one.label), "to": str(1 - one.label), "rewritings": others}
        rows.append(row | {"right": [others.index(one.reference)]})
    marks = folder / "marks.jsonl"
    marks.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder / "run" / "model", marks


def test_a_reader_learns_what_is_right_and_resumes(base, tmp_path):
    init, marks = base
    own = {"init": str(init), "verdicts": (str(marks),), "groups": 16, "lr": 1e-2, "validations": 2}
    own["model"] = {"hidden": 16, "units": 16, "dropout": 0.0}
    e = RerankerExperiment(str(tmp_path / "run"), steps=60, **own)
    last = train(e)
    folder = tmp_path / "run" / "model"
    assert last["verdicts/right"] > 0.9 and last["verdicts/possible"] == 1.0
    assert read_config(folder)["labels"] == ["0", "1"] and train(e) == last  # ended: nothing is done again
    transfer = pipeline("transfer", str(folder))
    assert transfer(["i saw it ."], n_best=4, min_similarity=0.0)
    again = RerankerExperiment(str(tmp_path / "again"), steps=2, **own | {"init": str(folder), "validations": 1})
    train(again)  # a reranker's writer is taught another reader
    base_of = FeedbackExperiment("x", str(folder), (str(marks),)).base
    assert base_of.back == load(folder).writer.config.back == 0.5
    first, second = (load(path).writer.state_dict() for path in (folder, tmp_path / "again" / "model"))
    assert all(bool((first[name] == second[name]).all()) for name in first)


def test_labels_rank_too(base, toy_files, tmp_path):
    init, marks = base
    own = {"init": str(init), "verdicts": (str(marks),), "steps": 2, "validations": 1, "label": 0.5}
    data = toy_files(tmp_path, toy.generate(300, 1))
    train(RerankerExperiment(str(tmp_path / "run"), data=data, **own))
    model = load(tmp_path / "run" / "model")
    assert model.config.label == 0.5 and model.labels is not None and sum(model.labels.sizes) > 10
    assert pipeline("transfer", str(tmp_path / "run" / "model"))(["i saw it ."], min_similarity=0.0)
    with pytest.raises(UserError, match="say where sentences come from"):
        train(RerankerExperiment(str(tmp_path / "none"), **own))
    with pytest.raises(UserError, match="labels count by --label"):
        train(RerankerExperiment(str(tmp_path / "none"), data=data, **own | {"label": None}))
    (tmp_path / "good.txt").write_text("it is fine .\n")
    (tmp_path / "bad.txt").write_text("it is poor .\n")
    others = (str(tmp_path / "bad.txt"), str(tmp_path / "good.txt"))
    with pytest.raises(UserError, match="rewrites 0, 1, and the sentences are bad, good"):
        train(RerankerExperiment(str(tmp_path / "none"), data=others, **own))


def test_readers_teach_what_is_neutral(base, tmp_path):
    """What readers call neutral is left alone, whatever the classifier of labels thinks of it."""
    init, marks = base
    rows = [json.loads(line) for line in marks.read_text().splitlines()]
    for row in rows:
        row["neutral"] = row["source"].startswith("we ")
    assert 30 < sum(row["neutral"] for row in rows) < 270
    said = tmp_path / "marks.jsonl"
    said.write_text("".join(json.dumps(row) + "\n" for row in rows))
    own = {"init": str(init), "steps": 2, "validations": 1, "neutral": 0.2}
    train(RerankerExperiment(str(tmp_path / "run"), verdicts=(str(said),), **own))
    assert read_config(tmp_path / "run" / "model")["neutral"] == 0.2
    transfer = pipeline("transfer", str(tmp_path / "run" / "model"))
    results = list(transfer.rewrite([row["source"] for row in rows[:100]]))
    left = [result.sentences[0].reason == "no sentiment" for result in results]
    assert sum(a == row["neutral"] for a, row in zip(left, rows, strict=False)) > 90
    with pytest.raises(UserError, match="too few sentences as neutral"):
        train(RerankerExperiment(str(tmp_path / "none"), verdicts=(str(marks),), **own))


def test_without_a_reader_the_writer_ranks(base, tmp_path):
    """What is neutral is learnt all the same."""
    init, marks = base
    rows = [json.loads(line) for line in marks.read_text().splitlines()]
    said = tmp_path / "marks.jsonl"
    said.write_text("".join(json.dumps(row | {"neutral": row["source"].startswith("we ")}) + "\n" for row in rows))
    train(RerankerExperiment(str(tmp_path / "run"), str(init), (str(said),), reads=False, neutral=0.2))
    bare, whole = load(init), load(tmp_path / "run" / "model")
    assert whole.reader is None and whole.opinions is not None
    x = collate(
        load_tokenizer(init).encode_batch([row["source"] for row in rows[:9]]), [int(r["from"]) for r in rows[:9]]
    )
    assert torch.equal(bare.candidates(x, 1 - x.label, 3)[0], whole.candidates(x, 1 - x.label, 3)[0])
    train(RerankerExperiment(str(tmp_path / "again"), str(tmp_path / "run" / "model"), (str(marks),), reads=False))
    assert torch.equal(load(tmp_path / "again" / "model").opinions.beside, whole.opinions.beside)


def test_what_cannot_teach_is_told(base, tmp_path):
    LanguageModel(LanguageModelConfig(9)).save_pretrained(tmp_path / "other", labels=["0", "1"])
    load_tokenizer(base[0]).save(tmp_path / "other")
    with pytest.raises(UserError, match="no collaborative model"):
        train(RerankerExperiment(str(tmp_path / "run"), str(tmp_path / "other"), (str(base[1]),)))
    row = {"source": "it is .", "from": "1", "to": "0", "rewritings": ["it ."], "right": [0]}
    (tmp_path / "v.jsonl").write_text(json.dumps(row) + "\n")
    with pytest.raises(UserError, match="0 sentences have a wrong rewriting"):
        train(RerankerExperiment(str(tmp_path / "run"), str(base[0]), (str(tmp_path / "v.jsonl"),)))


def test_the_copy_is_never_ranked_first(base):
    """It is there, and wrong, to be learnt from; nobody is offered it."""
    tokenizer, writer = load_tokenizer(base[0]), load(base[0])
    judged = contested(read_verdicts(base[1], ["0", "1"])[:20], tokenizer)
    model = make_model(RerankerExperiment("x", str(base[0]), ()), writer)
    groups = groups_of(model, judged, tokenizer)
    assert all(one.copy.tolist() == [False, False, True] for one in groups) and len(groups) == 20
    assert [one.right.tolist() for one in groups] == [list(one.right) for one in judged]
    found = ranked(model, groups)
    assert found["possible"] == 1.0 and 0.0 <= found["right"] <= 1.0


def test_processes_share_what_the_writer_reads(base, monkeypatch):
    """Each of two reads its half, and all have all; of a sentence that is named twice it reads the marks once."""
    tokenizer, writer = load_tokenizer(base[0]), load(base[0])
    judged = contested(read_verdicts(base[1], ["0", "1"])[:150], tokenizer)
    model = make_model(RerankerExperiment("x", str(base[0]), ()), writer)
    alone = groups_of(model, [*judged, judged[0]], tokenizer)
    assert alone[-1] is alone[0]
    halves = []
    monkeypatch.setattr(processes, "world", lambda: 2)
    monkeypatch.setattr(processes, "gather", lambda found: halves.append(found) or [*halves])
    monkeypatch.setattr(processes, "rank", lambda: 0)
    with pytest.raises(KeyError):  # one half is not all
        groups_of(model, judged, tokenizer)
    monkeypatch.setattr(processes, "rank", lambda: 1)
    together = groups_of(model, judged, tokenizer)
    assert not halves[0].keys() & halves[1].keys() and len(halves[0]) > 60 < len(halves[1])
    for one, other in zip(alone, together, strict=False):
        torch.testing.assert_close(one.seen.word, other.seen.word)
        torch.testing.assert_close(one.seen.whole, other.seen.whole)
