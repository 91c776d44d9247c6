"""Tiny models made on the spot; nothing is downloaded."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from textdis.core.errors import UserError
from textdis.evaluation.judges import HeldOut, Judges, SentenceNLL
from textdis.evaluation.transformers_judges import TransformersClassifier, TransformersLanguageModel

transformers = pytest.importorskip("transformers")

WORDS = ["the", "soup", "was", "great", "awful", "staff", "a", "kind", "place", "!", "."]
SPECIAL = {"unk_token": "<unk>", "pad_token": "<pad>", "bos_token": "<s>", "eos_token": "</s>", "cls_token": "<cls>"}
TEXTS = [
    "the soup was great .",
    "a staff",
    "",
    "xyzzy was awful !",
    "the place was great and kind . the soup was awful !",
]
SIZES = {"vocab_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "hidden_size": 12}


def tokenizer(folder, longest=20, **special):
    from tokenizers import Tokenizer, models, pre_tokenizers, processors

    words = Tokenizer(models.WordLevel({w: i for i, w in enumerate([*SPECIAL.values(), *WORDS])}, unk_token="<unk>"))
    words.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    words.post_processor = processors.TemplateProcessing(single="<cls> $A", special_tokens=[("<cls>", 4)])
    made = transformers.PreTrainedTokenizerFast(tokenizer_object=words, model_max_length=longest, **SPECIAL | special)
    made.save_pretrained(folder)


@pytest.fixture(scope="module")
def classifier(tmp_path_factory):
    folder = tmp_path_factory.mktemp("classifier")
    tokenizer(folder)
    torch.manual_seed(0)
    names = {0: "POSITIVE", 1: "NEGATIVE", 2: "Neutral"}
    config = transformers.BertConfig(
        **SIZES, intermediate_size=17, max_position_embeddings=20, pad_token_id=1, id2label=names, initializer_range=1.0
    )
    transformers.BertForSequenceClassification(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def language(tmp_path_factory):
    folder = tmp_path_factory.mktemp("language")
    tokenizer(folder)
    torch.manual_seed(1)
    config = transformers.GPT2Config(
        vocab_size=16,
        n_layer=2,
        n_head=2,
        n_embd=12,
        n_positions=20,
        initializer_range=1.0,
        bos_token_id=2,
        eos_token_id=3,
    )
    transformers.GPT2LMHeadModel(config).save_pretrained(folder)
    return folder


LABELS = ["negative", "neutral", "positive"]


def test_styles_are_found_by_name_in_our_order(classifier):
    judge = TransformersClassifier(classifier, LABELS, device="cpu")
    found = judge.probabilities(TEXTS)
    with torch.inference_mode():
        inputs = judge.tokenizer(TEXTS[0], return_tensors="pt")
        own = judge.model(input_ids=inputs["input_ids"]).logits.softmax(-1)[0]
    np.testing.assert_allclose(found[0], own[[1, 2, 0]], rtol=1e-5)
    np.testing.assert_allclose(found.sum(-1), 1.0)
    assert found.shape == (5, 3) and np.ptp(found[:, 0]) > 0.01  # it does tell them apart
    assert judge.model.dtype == torch.float32


def test_neither_judge_depends_on_the_batch(classifier, language):
    for batch_size in (1, 2, 5):
        styles = TransformersClassifier(classifier, LABELS, batch_size=batch_size, device="cpu").probabilities(TEXTS)
        nats = TransformersLanguageModel(language, batch_size=batch_size, device="cpu").nll(TEXTS).nats
        if batch_size == 1:
            first = styles, nats
        np.testing.assert_allclose(styles, first[0], rtol=1e-4)
        np.testing.assert_allclose(nats, first[1], rtol=1e-4)


def test_other_labels_are_refused(classifier):
    for labels in (["negative", "positive"], ["negative", "neutral", "happy"]):
        with pytest.raises(UserError, match=r"tells POSITIVE, NEGATIVE, Neutral, not .*order=\[\.\.\.\]"):
            TransformersClassifier(classifier, labels, device="cpu")


def test_labels_without_names_are_given_in_order(classifier, tmp_path):
    model = transformers.AutoModelForSequenceClassification.from_pretrained(classifier)
    model.config.id2label = {i: f"LABEL_{i}" for i in range(3)}
    model.save_pretrained(tmp_path)
    tokenizer(tmp_path)
    with pytest.raises(UserError, match="LABEL_0"):
        TransformersClassifier(tmp_path, LABELS, device="cpu")
    order = ["positive", "negative", "neutral"]
    named = TransformersClassifier(classifier, LABELS, device="cpu").probabilities(TEXTS)
    ordered = TransformersClassifier(tmp_path, LABELS, order=order, device="cpu").probabilities(TEXTS)
    np.testing.assert_allclose(ordered, named)
    with pytest.raises(UserError, match="order"):
        TransformersClassifier(tmp_path, LABELS, order=order[:2], device="cpu")


def test_the_empty_text_of_a_tokenizer_without_marks_has_no_style(classifier, monkeypatch):
    judge = TransformersClassifier(classifier, LABELS, device="cpu")
    plain = judge.tokenizer
    judge.tokenizer = lambda text, **options: plain(text, add_special_tokens=False, **options)
    judge.tokenizer.model_max_length, judge.tokenizer.pad_token_id = 20, 1
    np.testing.assert_allclose(judge.probabilities(["", "a staff"])[0], [1 / 3] * 3)


def test_what_a_text_costs_is_what_the_model_says(language):
    judge = TransformersLanguageModel(language, device="cpu")
    found = judge.nll(TEXTS)
    ids = torch.tensor([[2, 5, 6, 7, 8, 15, 3]])  # <s> the soup was great . </s>
    with torch.inference_mode():
        lost = F.cross_entropy(judge.model(input_ids=ids).logits[0, :-1], ids[0, 1:], reduction="sum")
    assert found.nats[0] == pytest.approx(float(lost), rel=1e-5)
    assert found.tokens.tolist() == [6, 3, 1, 5, 13] and found.unknown.tolist() == [0, 0, 0, 1, 1] and found.ends
    assert found.summary()["unk_share"] == 2 / (28 - 5)


def test_a_model_without_an_end_does_not_count_it(language, tmp_path):
    transformers.AutoModelForCausalLM.from_pretrained(language).save_pretrained(tmp_path)
    tokenizer(tmp_path, eos_token=None)
    found = TransformersLanguageModel(tmp_path, device="cpu").nll(TEXTS[:2])
    assert found.tokens.tolist() == [5, 2] and not found.ends
    tokenizer(tmp_path, eos_token=None, bos_token=None)
    with pytest.raises(UserError, match="no token that begins"):
        TransformersLanguageModel(tmp_path, device="cpu")


def test_long_texts_are_refused_not_cut(classifier, language):
    long = "the soup " * 11
    for judge in (
        TransformersClassifier(classifier, LABELS, device="cpu"),
        TransformersLanguageModel(language, device="cpu"),
    ):
        ask = getattr(judge, "probabilities", None) or judge.nll
        with pytest.raises(UserError, match="text 2 has 2[34] tokens, more than the 20"):
            ask(["a", long])


def test_text_is_prepared(language):
    judge = TransformersLanguageModel(language, prepare=str.lower, device="cpu")
    assert judge.nll(["THE SOUP"]).unknown.tolist() == [0]


def test_pickles_are_refused(classifier, tmp_path):
    tokenizer(tmp_path)
    model = transformers.AutoModelForSequenceClassification.from_pretrained(classifier)
    model.config.save_pretrained(tmp_path)
    torch.save(model.state_dict(), tmp_path / "pytorch_model.bin")
    with pytest.raises(UserError, match="pytorch_model.bin is a pickle"):
        TransformersClassifier(tmp_path, LABELS, device="cpu")


def test_a_name_on_the_hub_offline_says_what_to_do():
    with pytest.raises(UserError, match="nobody/nothing-of-the-kind: .* give a folder"):
        TransformersLanguageModel("nobody/nothing-of-the-kind")


def test_a_name_is_fetched_once_and_nobody_else_asks_the_hub(classifier, monkeypatch):
    asked = {}

    def fetch(name, allow_patterns):
        asked[name] = allow_patterns
        return str(classifier)

    monkeypatch.setattr("huggingface_hub.snapshot_download", fetch)
    judge = TransformersClassifier("owner/name", LABELS, device="cpu")
    assert judge.name == "owner/name" and "*.safetensors" in asked["owner/name"] and "*.bin" not in asked["owner/name"]


def test_without_a_network_transformers_is_not_left_to_try(monkeypatch):
    from huggingface_hub.errors import LocalEntryNotFoundError

    def unreachable(name, allow_patterns):
        raise LocalEntryNotFoundError("no network")

    monkeypatch.setattr("huggingface_hub.snapshot_download", unreachable)
    monkeypatch.setattr("transformers.AutoTokenizer.from_pretrained", lambda *_, **__: pytest.fail("tried"))
    with pytest.raises(UserError, match=r"owner/name: no such folder, .* give a folder .*hf download owner/name"):
        TransformersClassifier("owner/name", LABELS)


def test_fingerprints_tell_weights_apart(classifier, tmp_path):
    model = transformers.AutoModelForSequenceClassification.from_pretrained(classifier)
    tokenizer(tmp_path)
    model.save_pretrained(tmp_path)
    prints = [TransformersClassifier(classifier, LABELS, device="cpu").fingerprint]
    prints.append(TransformersClassifier(tmp_path, LABELS, device="cpu").fingerprint)
    with torch.no_grad():
        model.classifier.bias += 1
    model.save_pretrained(tmp_path)
    prints.append(TransformersClassifier(tmp_path, LABELS, device="cpu").fingerprint)
    assert prints[0] == prints[1] != prints[2]


def test_they_take_a_seat_beside_ours(classifier, language):
    judge, reader = (
        TransformersClassifier(classifier, LABELS, device="cpu"),
        TransformersLanguageModel(language, device="cpu"),
    )

    class Nobody:
        def nll(self, texts):
            return SentenceNLL(np.ones(len(texts)), np.ones(len(texts)), np.zeros(len(texts)))

    held_out = HeldOut(TEXTS, [0, 1, 2, 0, 1])
    judges = Judges.composed(LABELS, {}, Nobody(), held_out)
    agreeing = HeldOut(TEXTS, judge.probabilities(TEXTS).argmax(-1).tolist())
    with pytest.raises(UserError, match="the bert judge is right on only"):
        wrong = [(label + 1) % 3 for label in agreeing.labels]
        judges.with_style("bert", judge, HeldOut(TEXTS, wrong))
    both = judges.with_style("bert", judge, agreeing).with_language(reader, TEXTS)
    assert both.manifest["judges"] == {"language": reader.fingerprint, "bert": judge.fingerprint}
    assert both.perplexity(TEXTS)["perplexity"] == both.held_out["perplexity"]
