"""From rewritings that readers wrote to a tagger that the pipeline opens."""

import json

import pytest

from data_recipes import toy
from textdis.core.errors import UserError
from textdis.core.model import load, read_config
from textdis.experiments import edit_tagger
from textdis.experiments.edit_tagger import EditTaggerExperiment, Maker, pairs_of, table_of, train
from textdis.experiments.transfer import TransferExperiment
from textdis.experiments.transfer import train as train_transfer
from textdis.experiments.verdicts import Judged
from textdis.pipelines import pipeline
from textdis.systems.edit_tagger import UNKNOWN
from textdis.text.normalise import normalise
from textdis.text.tokenizer import load_tokenizer

SMALL = {
    "seq2seq": {"embedding": 16, "hidden": 16, "units": 8},
    "classifier": {"embedding": 16, "filters": 8, "heights": [1, 2]},
}


@pytest.fixture(scope="module")
def base(tmp_path_factory, toy_files):
    """A model of a made language with a fitted classifier, and rewritings of its sentences by the rule."""
    folder = tmp_path_factory.mktemp("tagger")
    sentences = toy.generate(400, 0)
    data = toy_files(folder, sentences)
    made = TransferExperiment(str(folder / "run"), data=data, steps=200, warmup=200, batch_size=16, lr=5e-3, **SMALL)
    train_transfer(made)
    styles = [{"from": str(s.label), "to": str(1 - s.label)} for s in sentences]
    told = [{"source": s.text, "rewritings": [s.reference], "right": [0]} for s in sentences]
    rows = [row | style for row, style in zip(told, styles, strict=True)]
    written = folder / "written.jsonl"
    written.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder / "run" / "model", written, rows


def test_a_tagger_learns_the_rule_and_resumes(base, tmp_path):
    init, written, rows = base
    own = {"init": str(init), "verdicts": (str(written),), "batch_size": 16, "lr": 1e-2, "validations": 2}
    own["model"] = {"hidden": 32, "units": 32, "layers": 1, "dropout": 0.0}
    e = EditTaggerExperiment(str(tmp_path / "run"), steps=300, **own)
    last = train(e)
    folder = tmp_path / "run" / "model"
    assert read_config(folder)["labels"] == ["0", "1"] and train(e) == last  # ended: nothing is done again
    transfer = pipeline("transfer", str(folder))
    some = rows[:50]
    said = [transfer(row["source"], to=row["to"], source=row["from"], min_similarity=0.0) for row in some]
    assert sum(normalise(y) == row["rewritings"][0] for y, row in zip(said, some, strict=True)) > 30
    with pytest.raises(UserError, match="no collaborative model"):
        train(EditTaggerExperiment(str(tmp_path / "other"), **own | {"init": str(folder)}))


def test_each_process_takes_its_share(base, tmp_path, second_of_two):
    train(EditTaggerExperiment(str(tmp_path), str(base[0]), (str(base[1]),), batch_size=16))
    (batches,) = second_of_two
    assert (batches.rank, batches.world) == (1, 2)


def test_pairs_and_their_table(base):
    tokenizer = load_tokenizer(base[0])
    word = tokenizer.words[20]
    one = Judged(f"{word} {word} .", 1, 0, (f"{word} .", f"{word} zzz ."), (True, True))
    pairs = pairs_of([one])
    assert [pair.wanted for pair in pairs] == [0, 1, 0, 1]
    assert table_of(pairs, tokenizer, 1, 6) == ["", word]  # "zzz" is no word of the vocabulary
    assert table_of(pairs, tokenizer, 9, 6) == [""]
    batch = Maker(["", word], tokenizer)(pairs)
    assert batch.deleted.tolist()[0] in ([0, 0, 1, 0, 0], [0, 1, 0, 0, 0]) and batch.phrase[2].tolist() == [
        0,
        0,
        UNKNOWN,
        0,
        0,
    ]


def test_rewritings_of_other_unknown_words_are_left_out_and_counted(base, tmp_path, caplog):
    row = {"source": "zzz is .", "from": "1", "to": "0", "rewritings": ["zzz .", "yyy ."], "right": [0, 1]}
    (tmp_path / "v.jsonl").write_text(json.dumps(row) + "\n")
    e = EditTaggerExperiment("x", str(base[0]), (str(tmp_path / "v.jsonl"),))
    (one,) = edit_tagger.read_right(e, ["0", "1"], load_tokenizer(base[0]))
    assert one.rewritings == ("zzz .",) and "1 of 2 rewritings, 1 of them right, are left out" in caplog.text
    assert load(base[0]).config.styles == 2
