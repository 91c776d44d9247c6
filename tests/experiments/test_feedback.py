"""Verdicts from a file to a model that ranks by them."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from data_recipes import toy
from textdis.core.errors import UserError
from textdis.core.model import load, read_config
from textdis.experiments import feedback
from textdis.experiments.data import read_sentences
from textdis.experiments.feedback import FeedbackExperiment, ranked, train
from textdis.experiments.lessons import Lessons, make_lessons, pair_batch, verdict_batch
from textdis.experiments.pairs import NEUTRAL
from textdis.experiments.reranker import RerankerExperiment
from textdis.experiments.reranker import train as train_reranker
from textdis.experiments.transfer import TransferExperiment
from textdis.experiments.transfer import train as train_transfer
from textdis.experiments.verdict_files import read_all, read_verdicts
from textdis.experiments.verdicts import Judged, divided, new_words, words_of
from textdis.experiments.vocabulary import grown
from textdis.pipelines import pipeline
from textdis.systems.collaborative import Collaborative
from textdis.text.tokenizer import WordTokenizer, load_tokenizer

SMALL = {
    "seq2seq": {"embedding": 16, "hidden": 16, "units": 8},
    "classifier": {"embedding": 8, "filters": 4, "heights": [1, 2]},
}
GOOD = Judged("the food was great .", 1, 0, ("the food was awful .", "the food was ."), (True, False))


def lines(path, *rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_a_copy_is_no_rewriting():
    assert GOOD.beside_the_copy == Judged(GOOD.source, 1, 0, (*GOOD.rewritings, GOOD.source), (True, False, False))
    assert GOOD.beside_the_copy.beside_the_copy == GOOD.beside_the_copy
    neutral = Judged("they open at nine .", 1, 0, ("they open .",), (False,), neutral=True)
    assert neutral.beside_the_copy == neutral


def test_new_words():
    other = Judged("bad bad soup .", 0, 1, ("good soup .", "soup ."), (True, True))
    assert new_words([GOOD, other], 1) == ["awful", "bad", "good", "great"] and new_words([GOOD, other], 2) == ["bad"]
    assert words_of([GOOD, other], 0, 2) == {"."} and words_of([GOOD, other], 1, 2) == {".", "soup"}
    assert words_of([GOOD], 0, 1) == {*"the food was awful .".split()}
    assert words_of([replace(GOOD, neutral=True)], 1, 1) == set()  # nobody says that it has a style


def test_words_are_listed_for_the_style_that_has_them():
    tokenizer = WordTokenizer(["the", "food", "was", "great", "awful", ".", "soup"])
    kept = Judged("the soup was great .", 1, 0, ("the soup was not great .",), (True,))
    listed = feedback.listed_words([GOOD, kept], 1, ["bad", "good"], tokenizer)
    said = [[tokenizer.decode([i]) for i in row.nonzero().flatten().tolist()] for row in listed]
    assert [{"great", "awful", "soup", "the"} & set(words) for words in said] == [{"great", "awful"}, {"great"}]


def numbered(one, count):
    return [replace(one, source=f"{i} {one.source}") for i in range(count)]


def test_too_few_verdicts_teach_nothing():
    with pytest.raises(UserError, match="too few to learn"):
        divided(numbered(GOOD, 3), 0.1, 0)
    wrong = replace(GOOD, right=(False, False))
    with pytest.raises(UserError, match="0 of them with a right rewriting"):
        divided(numbered(wrong, 30), 0.1, 0)


def test_all_verdicts_of_a_sentence_teach_or_none_does():
    wrong = replace(GOOD, right=(False, False))
    lessons, held_out = divided([*numbered(GOOD, 20), *numbered(GOOD, 20), *numbered(wrong, 20)], 0.25, 0)
    assert len(held_out) == 15 and len(lessons) == 30 and all(one.teaches for one in lessons)
    assert not {one.source for one in lessons} & {one.source for one in held_out}


@pytest.fixture(scope="module")
def base(tmp_path_factory, toy_files):
    """A model of a made language, hardly trained, its two files, and verdicts that like the swapped word."""
    folder = tmp_path_factory.mktemp("feedback")
    sentences = toy.generate(300, 0)
    data = toy_files(folder, sentences)
    made = TransferExperiment(str(folder / "run"), data=data, steps=30, warmup=30, batch_size=16, prior=0.5, **SMALL)
    train_transfer(made)
    rows = []
    for s in sentences[:120]:
        words = s.text.split()
        attempts = [" ".join(words[::-1]), s.text, " ".join(words[1:])]
        rows.append(
            {"source": s.text, "from": str(s.label), "to": str(1 - s.label), "rewritings": attempts, "right": [0]}
        )
    return folder / "run" / "model", data, lines(folder / "verdicts.jsonl", *rows)


def test_a_model_learns_what_readers_like_and_resumes(base, tmp_path):
    init, data, verdicts = base
    long = " ".join(["zzz"] * 50)
    row = {"source": long, "from": "0", "to": "1", "rewritings": [f"{long} zzz"], "right": [0]}
    written = lines(tmp_path / "written.jsonl", *[row] * 3)  # by a reader who marked none
    own = {
        "init": str(init),
        "verdicts": (str(verdicts), str(written)),
        "data": data,
        "groups": 8,
        "batch_size": 8,
        "lr": 1e-2,
        "validations": 2,
        "least": 1,
    }
    whole = train(FeedbackExperiment(str(tmp_path / "whole"), steps=24, **own))
    folder = tmp_path / "whole" / "model"
    assert read_config(folder)["labels"] == ["0", "1"] and read_config(folder)["config"]["prior"] == 0.5
    assert read_config(folder)["longest"] == 50 and load(folder).seq2seq.listed is not None
    assert "readers on the rewritings of 111 sentences" in (folder / "README.md").read_text()
    tokenizer, judged = load_tokenizer(init), read_verdicts(verdicts, ["0", "1"])
    before, after = (ranked(load(f), judged, tokenizer) for f in (init, folder))
    assert after["right"] > before["right"] and after["possible"] == 1.0
    again = train(FeedbackExperiment(str(tmp_path / "whole"), steps=24, **own))  # ended: nothing is done again
    assert again == whole
    with pytest.raises(UserError, match="other settings|another run|differs"):
        train(FeedbackExperiment(str(tmp_path / "whole"), steps=24, **own | {"lr": 1e-3}))


def test_a_taught_reranker_keeps_its_reader_and_its_sense_of_neutral(base, tmp_path):
    """The writer learns, also words; who chooses, what counts as neutral and which idioms tell a style stay."""
    init, data, verdicts = base
    rows = [json.loads(line) for line in verdicts.read_text().splitlines()]
    marked = lines(tmp_path / "marks.jsonl", *[row | {"neutral": i % 3 == 0} for i, row in enumerate(rows)])
    train_reranker(RerankerExperiment(str(tmp_path / "one"), str(init), (str(marked),), steps=2, groups=8,
                                      validations=1, data=data, label=0.5, neutral=0.2))  # fmt: skip
    first = tmp_path / "one" / "model"
    (first / "idioms.json").write_text('{"1": ["no zzz"]}')
    written = lines(
        tmp_path / "w.jsonl", *[row | {"rewritings": ["zzz " + row["source"]], "right": [0]} for row in rows]
    )
    own = {"data": data, "batch_size": 8, "said": 32, "lr": 1e-2, "steps": 4, "validations": 1, "grow": 2, "least": 1}
    train(FeedbackExperiment(str(tmp_path / "two"), str(first), (str(written),), **own))
    before, after = load(first), load(tmp_path / "two" / "model")
    assert read_config(tmp_path / "two" / "model")["neutral"] == 0.2 and after.config.label == 0.5
    assert after.config.vocabulary == before.config.vocabulary + 1 and after.writer.seq2seq.listed is not None
    assert not torch.equal(before.writer.seq2seq.out.bias, after.writer.seq2seq.out.bias[:-1])
    assert torch.equal(before.reader.embed.weight, after.reader.embed.weight[:-1])
    batch = verdict_batch(read_verdicts(verdicts, ["0", "1"])[:9], load_tokenizer(first)).source
    assert torch.equal(before.opinions.beside, after.opinions.beside)
    assert pipeline("transfer", str(tmp_path / "two" / "model")).rewriter.idioms.style("no zzz .") == 1
    train(FeedbackExperiment(str(tmp_path / "bare"), str(first), (str(written),), **own, reader=False))
    assert isinstance(load(tmp_path / "bare" / "model"), Collaborative)
    assert read_config(tmp_path / "bare" / "model")["neutral"] == NEUTRAL
    train_reranker(RerankerExperiment(str(tmp_path / "three"), str(first), (str(verdicts),), steps=2, groups=8))
    again = load(tmp_path / "three" / "model")
    assert torch.equal(before.style_or_none(batch), again.style_or_none(batch)) and again.config.label == 0.5
    assert (tmp_path / "three" / "model" / "idioms.json").is_file()


def test_a_model_learns_from_what_readers_wrote_alone(base, tmp_path):
    init, data, verdicts = base
    written = [{**json.loads(line), "rewritings": [json.loads(line)["source"] + " ."], "right": [0]}
               for line in verdicts.read_text().splitlines()]  # fmt: skip
    own = {"data": data, "batch_size": 8, "said": 16, "lr": 1e-2, "validations": 2}
    path = str(lines(tmp_path / "written.jsonl", *written))
    train(FeedbackExperiment(str(tmp_path / "run"), str(init), (path,), steps=24, **own))
    logged = [json.loads(line) for line in (tmp_path / "run" / "metrics.jsonl").read_text().splitlines()]
    right = [line["model/right"] for line in logged if line["split"] == "validation"]
    assert right[-1] < right[0] and not any("model/rank" in line for line in logged if line["split"] == "train")


def test_a_model_learns_words_that_it_did_not_know(base, tmp_path):
    init, data, verdicts = base
    written = [{**json.loads(line), "rewritings": ["zzz " + json.loads(line)["source"]], "right": [0]}
               for line in verdicts.read_text().splitlines()]  # fmt: skip
    own = {"data": data, "batch_size": 8, "said": 32, "lr": 1e-2, "validations": 2, "grow": 2}
    train(
        FeedbackExperiment(
            str(tmp_path / "run"), str(init), (str(lines(tmp_path / "w.jsonl", *written)),), steps=24, **own
        )
    )
    tokenizer, model = load_tokenizer(tmp_path / "run" / "model"), load(tmp_path / "run" / "model")
    assert tokenizer.words == [*load_tokenizer(init).words, "zzz"] and model.config.vocabulary == tokenizer.size
    batch = verdict_batch(read_verdicts(tmp_path / "w.jsonl", ["0", "1"])[:9], tokenizer)
    assert batch.rewriting.tokens[:, 1].unique().tolist() == [tokenizer.size - 1]
    with torch.no_grad():
        before, after = (m.scores(batch.source, batch.rewriting) for m in (grown(load(init), tokenizer.size), model))
    assert (after > before + 2).all()


def test_lessons_resume_where_they_were(base):
    init, data, verdicts = base
    e = FeedbackExperiment("x", str(init), (str(verdicts),), data=data, groups=8, batch_size=8)
    sentences, tokenizer = read_sentences(data, None, 40), load_tokenizer(init)
    make = lambda: make_lessons(e, read_verdicts(verdicts, ["0", "1"]), sentences, tokenizer)  # noqa: E731
    first, second = make(), make()
    assert isinstance(first, Lessons)
    for _ in range(3):
        next(first)
    second.load_state_dict(first.state_dict())
    a, b = next(first), next(second)
    assert a.verdicts.rewriting.tokens.tolist() == b.verdicts.rewriting.tokens.tolist()
    assert a.pairs.target.tokens.tolist() == b.pairs.target.tokens.tolist()
    assert a.said.target.tokens.tolist() == b.said.target.tokens.tolist()
    assert a.neutral is None


def test_neutral_sentences_come_as_often_as_they_stand_among_the_others(base):
    init, data, verdicts = base
    e = FeedbackExperiment("x", str(init), (str(verdicts),), data=data, groups=8, said=40, batch_size=8)
    neutral = [Judged(f"{word} .", 0, 1, (), (), neutral=True) for word in "abcdefghijkl"]
    tokenizer = load_tokenizer(init)
    judged = [*read_verdicts(verdicts, ["0", "1"]), *neutral]
    lessons, _ = divided(judged, 1 / 6, 0)
    assert 0 < sum(one.neutral for one in lessons) < 12  # some are held out
    batch = next(make_lessons(e, lessons, read_sentences(data, None, 40), tokenizer))
    assert len(batch.neutral) == 2 and batch.neutral.label is None  # 10 beside 200 of both ways


def test_right_rewritings_are_learnt_both_ways(base):
    init, data, verdicts = base
    tokenizer = load_tokenizer(init)
    assert GOOD.right_ones == ["the food was awful ."] and GOOD.contested
    assert not Judged("good .", 1, 0, ("bad .", "good ."), (True, False)).contested  # the other one is the copy
    mixed = replace(GOOD, source="good food , bad service .", neutral=True)  # is nobody's rewriting
    assert mixed.both_ways == [((mixed.source, 1), ("the food was awful .", 0))]
    batch = pair_batch(GOOD.both_ways, tokenizer)
    assert batch.source.style.tolist() == [1, 0] and batch.target.style.tolist() == [0, 1]
    assert batch.source.tokens.tolist() == batch.target.tokens.flip(0).tolist()


def test_with_clear_a_run_learns_from_the_plain_ones_alone(base, tmp_path, monkeypatch):
    init, data, _ = base
    sentences = read_sentences(data, None, 20)
    bad, good = (next(t for t, k in zip(sentences.texts, sentences.labels, strict=True) if k == i) for i in (0, 1))
    row = {"source": bad, "from": "0", "to": "1", "rewritings": [bad + " .", good, "."], "right": [0, 1]}
    seen = []
    monkeypatch.setattr(feedback, "divided", lambda judged, *_: seen.append(judged) or divided(judged, 0.4, 0))
    own = {"data": data, "steps": 2, "groups": 2, "said": 4, "batch_size": 4, "validations": 1}
    for clear in (0.0, 0.6):
        path = str(lines(tmp_path / "v.jsonl", *[row | {"source": f"{bad} {bad}"}] * 2, *[row] * 8))
        train(FeedbackExperiment(str(tmp_path / f"run-{clear}"), str(init), (path,), clear=clear, **own))
    assert seen[0][-1].right_ones == [bad + " .", good] and seen[1][-1].right_ones == [good]


def test_rewritings_of_other_unknown_words_are_left_out_and_counted(base, tmp_path, caplog):
    row = {
        "source": "zzz is good .",
        "from": "1",
        "to": "0",
        "rewritings": ["zzz is bad .", "yyy is bad .", "is bad ."],
        "right": [0, 1],
    }
    e = FeedbackExperiment("x", str(base[0]), (str(lines(tmp_path / "v.jsonl", row)),), data=base[1])
    read = read_all(e.verdicts, ["0", "1"], None)
    (judged,) = feedback.of_vocabulary(read, load_tokenizer(base[0]), feedback.GROW)
    assert "2 of 3 rewritings, 1 of them right, are left out" in caplog.text and "--grow N" in caplog.text
    assert judged.rewritings == ("zzz is bad .", "zzz is good .") and judged.right == (True, False)
    assert verdict_batch([judged], load_tokenizer(base[0])).right.tolist() == [True, False]


def test_a_model_of_other_styles_is_refused(base, tmp_path):
    init, data, verdicts = base
    other = [tmp_path / "good.txt", tmp_path / "bad.txt"]
    for path, given in zip(other, data, strict=True):
        path.write_text(Path(given).read_text())
    with pytest.raises(UserError, match="rewrites 0, 1, and the sentences are"):
        train(FeedbackExperiment(str(tmp_path / "run"), str(init), (str(verdicts),), data=tuple(map(str, other))))
