"""Transformers models at `textdis evaluate`: tiny ones made on the spot, tried on real sentences before they judge."""

from types import SimpleNamespace

import pytest
import torch

import data_recipes
from textdis.cli.drop_ins import DropIns, seat
from textdis.cli.scoring import Task
from textdis.core.errors import UserError
from textdis.evaluation.judges import Judges

transformers = pytest.importorskip("transformers")
NAMES = ["negative", "positive"]
BAD, GOOD = "the soup was awful .", "the soup was great ."
WORDS = ["<unk>", "<pad>", "<s>", "</s>", *dict.fromkeys(f"{BAD} {GOOD}".split())]


def save(folder, model):
    from tokenizers import Tokenizer, models, pre_tokenizers

    words = Tokenizer(models.WordLevel({word: i for i, word in enumerate(WORDS)}, unk_token="<unk>"))
    words.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    marks = {"unk_token": "<unk>", "pad_token": "<pad>", "bos_token": "<s>", "eos_token": "</s>"}
    transformers.PreTrainedTokenizerFast(tokenizer_object=words, **marks).save_pretrained(folder)
    model.save_pretrained(folder)
    return str(folder)


@pytest.fixture
def classifier(tmp_path):
    """Knows `great` and `awful`, one word each, after a few steps of training."""
    torch.manual_seed(0)
    sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    config = transformers.BertConfig(
        vocab_size=len(WORDS), pad_token_id=1, id2label=dict(enumerate(NAMES)), hidden_dropout_prob=0.0, **sizes
    )
    model = transformers.BertForSequenceClassification(config)
    ids = torch.tensor([[WORDS.index(word) for word in text.split()] for text in (BAD, GOOD)])
    steps = torch.optim.Adam(model.parameters(), lr=1e-2)
    for _ in range(30):
        steps.zero_grad()
        model(input_ids=ids, labels=torch.tensor([0, 1])).loss.backward()
        steps.step()
    return save(tmp_path / "small-bert", model)


@pytest.fixture
def language(tmp_path):
    torch.manual_seed(0)
    marks = {"bos_token_id": 2, "eos_token_id": 3, "pad_token_id": 1}
    config = transformers.GPT2Config(vocab_size=len(WORDS), n_positions=20, n_embd=8, n_layer=1, n_head=2, **marks)
    return save(tmp_path / "small-gpt", transformers.GPT2LMHeadModel(config))


@pytest.fixture
def files(tmp_path):
    for name, text in zip("01", (BAD, GOOD), strict=True):
        (tmp_path / f"{name}.txt").write_text(f"{text}\n" * 4)
    return tmp_path / "0.txt", tmp_path / "1.txt"


def task(tmp_path):
    manifest = {"labels": NAMES, "data": None, "judges": {}, "chance": {}, "held_out": {}}
    return Task(SimpleNamespace(), Judges({}, SimpleNamespace(), manifest), tmp_path)


def test_both_take_their_seats_with_scores_of_their_own(classifier, language, files, tmp_path):
    judges = seat(task(tmp_path), DropIns(classifier, language, files), force=False).judges
    assert judges.held_out["small-bert"] == 1.0
    assert judges.style([GOOD, BAD])["small-bert"].argmax(1).tolist() == [1, 0]
    assert judges.perplexity([GOOD])["perplexity"] == pytest.approx(len(WORDS), rel=0.2)  # it has learnt nothing


def test_a_poor_classifier_is_refused_unless_forced(classifier, files, tmp_path):
    wrong = DropIns(classifier, None, files[::-1])  # every label is the other one
    with pytest.raises(UserError, match="small-bert judge is right on only 0.0%"):
        seat(task(tmp_path), wrong, force=False)
    assert seat(task(tmp_path), wrong, force=True).judges.held_out["small-bert"] == 0.0


def test_without_real_sentences_it_is_told_what_to_give(classifier, tmp_path, monkeypatch):
    monkeypatch.setattr(data_recipes, "load", lambda name: {})
    with pytest.raises(UserError, match="--held-out FILE FILE"):
        seat(task(tmp_path), DropIns(classifier), force=False)


def test_real_sentences_for_no_model_are_refused(files, tmp_path):
    with pytest.raises(UserError, match="--held-out is what --classifier or --language-model is tried on; add one"):
        seat(task(tmp_path), DropIns(held_out=files), force=False)


def test_nothing_asked_changes_nothing(tmp_path):
    own = task(tmp_path)
    assert seat(own, DropIns(), force=False) is own
