"""From sentences to a folder whose codes can be moved: small runs on a made language."""

import itertools
from dataclasses import replace

import pytest
import torch

from data_recipes import toy
from textdis.core.errors import UserError
from textdis.core.model import load, read_config
from textdis.experiments.phases import Phases, read_unlabelled
from textdis.experiments.traversal import TraversalExperiment, make_model, make_tokenizer, read_both, train
from textdis.pipelines.codes import Codes
from textdis.text.batches import Batches
from textdis.training import trainer

SMALL = {"model": {"embedding": 12, "filters": 3}, "steps": 6, "warmup": 4, "batch_size": 16, "products": "highest"}


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """200 sentences in two raw text files, one a label, and 100 in one of none."""
    folder = tmp_path_factory.mktemp("toy")
    sentences = toy.generate(300, 0)
    for label in (0, 1):
        own = [s.text.capitalize() for s in sentences[:200] if s.label == label]
        (folder / f"my.{label}.txt").write_text("\n".join(own) + "\n")
    (folder / "free.txt").write_text("\n".join(s.text for s in sentences[200:]) + "\n")
    return folder


def experiment(files, output, **fields):
    data = tuple(str(files / f"my.{label}.txt") for label in (0, 1))
    return TraversalExperiment(str(output), data=data, unlabelled=(str(files / "free.txt"),), **SMALL | fields)


def weights(folder):
    return load(folder).state_dict()


def test_a_run_leaves_a_folder_whose_codes_speak(files, tmp_path):
    losses = train(experiment(files, tmp_path))
    assert set(losses) == {"model/nll", "model/label"}
    notes = read_config(tmp_path / "model")
    assert notes["labels"] == ["0", "1"] and 5 <= notes["longest"] <= 20
    codes = Codes.from_folder(tmp_path / "model")
    found = codes.encode(["The pizza was great !", ""])
    assert found.shape == (2, 12) and len(codes.say(found)) == 2


def test_a_run_can_be_stopped_in_the_first_phase_and_goes_on_exactly(files, tmp_path, monkeypatch):
    train(experiment(files, tmp_path / "through", share=0.5))
    stopped = experiment(files, tmp_path / "stopped", share=0.5, minutes=1.0)
    with monkeypatch.context() as patch:
        clock = itertools.count(step=25)  # each look at it is 25 seconds later
        patch.setattr(trainer.time, "monotonic", lambda: float(next(clock)))
        train(stopped)
    state = torch.load(tmp_path / "stopped" / "training" / "state.pt", weights_only=True)["state"]
    assert 0 < state["step"] < 4
    train(replace(stopped, minutes=None))
    first, second = (weights(tmp_path / name / "model") for name in ("through", "stopped"))
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_phases_follow_each_other_and_resume():
    first, second = (Batches([[1, word, 2]] * 3, batch_size=2) for word in (5, 7))

    def words(phases, count):
        return [next(phases).tokens[0, 1].item() for _ in range(count)]

    phases = Phases(first, second, 3)
    assert words(phases, 5) == [5, 5, 5, 7, 7]
    again = Phases(*(Batches([[1, word, 2]] * 3, batch_size=2) for word in (5, 7)), 3)
    words(again, 2)
    resumed = Phases(*(Batches([[1, word, 2]] * 3, batch_size=2) for word in (5, 7)), 3)
    resumed.load_state_dict(again.state_dict())
    assert words(resumed, 3) == [5, 7, 7] and resumed.state_dict() == phases.state_dict()
    with pytest.raises(UserError, match="other phases"):
        Phases(None, second, 0).load_state_dict(again.state_dict())


def test_each_process_takes_its_share(files, tmp_path, second_of_two):
    train(experiment(files, tmp_path))
    (phases,) = second_of_two
    for batches in (phases.first, phases.second):
        assert (batches.rank, batches.world) == (1, 2)


def test_the_second_phase_may_start_from_another_run(files, tmp_path):
    train(experiment(files, tmp_path / "first", steps=4))
    init = str(tmp_path / "first" / "model")
    train(experiment(files, tmp_path / "second", init=init, steps=1, warmup=0, lr=0.0))
    first, second = (weights(tmp_path / name / "model") for name in ("first", "second"))
    assert all(torch.equal(first[name], second[name]) for name in first)
    with pytest.raises(UserError, match="not a traversal model of 3 labels"):
        make_model(experiment(files, tmp_path, init=init), make_tokenizer(experiment(files, tmp_path), []), [], 3)


@pytest.mark.parametrize("kind", ["ppmi", "file"])
def test_word_vectors_to_start_from(files, tmp_path, kind):
    path = tmp_path / "v.txt"
    path.write_text("pizza " + " ".join(map(str, range(12))) + "\n")
    run = experiment(files, tmp_path, vectors=kind if kind == "ppmi" else str(path))
    labelled, free = read_both(run)
    tokenizer = make_tokenizer(run, [*labelled.texts, *free])
    model = make_model(run, tokenizer, [*labelled.texts, *free], 2)
    pizza, plain = tokenizer.encode("pizza")[1], make_model(replace(run, vectors=None), tokenizer, [], 2)
    assert not torch.equal(model.words[pizza], plain.words[pizza])
    if kind == "file":
        line = torch.arange(12.0)
        assert torch.cosine_similarity(model.words[pizza], line, 0).item() == pytest.approx(1.0)
        assert torch.equal(model.words[pizza + 1 :], plain.words[pizza + 1 :])


def test_unlabelled_sentences_come_from_txt_files_and_recipes(files, tmp_path):
    assert len(read_unlabelled([str(files / "free.txt")])) == 100
    assert len(read_unlabelled(["toy"])) > 10_000
    (tmp_path / "x.csv").write_text("text,label\na,0\n")
    with pytest.raises(UserError, match="from txt files"):
        read_unlabelled([str(tmp_path / "x.csv")])


def test_a_first_phase_without_sentences_is_refused(files, tmp_path):
    with pytest.raises(UserError, match="--unlabelled FILE or RECIPE"):
        train(replace(experiment(files, tmp_path), unlabelled=()))


def test_a_run_that_would_never_see_a_label_is_refused(files, tmp_path):
    for settings, says in (
        ({"warmup": 7}, "at most as many as --steps 6"),
        ({"warmup": -1}, "--warmup -1"),
        ({"weights": {"nll": 1.0, "foo": 2.0}}, "foo"),
        ({"model": {"filters": 3}}, "tied"),
    ):
        with pytest.raises(UserError, match=says):
            train(experiment(files, tmp_path / "run", **settings))
    assert not (tmp_path / "run").exists()
