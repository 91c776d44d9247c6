import json

import numpy as np
import pytest

from textdis.cli import main
from textdis.core.errors import UserError
from textdis.evaluation.syntax import ANCHORS, anchor, probe, transformers_encoder
from textdis.evaluation.syntax_plot import draw, projections
from textdis.metrics.syntax import prototype_sentences


def call(capsys, *arguments):
    with pytest.raises(SystemExit) as stop:
        main(list(map(str, arguments)))
    out, err = capsys.readouterr()
    return stop.value.code, out, err


@pytest.mark.parametrize(("name", "least", "most"), [("oracle", 0, 0), ("random", 90, 140), ("length", 20, 90)])
def test_anchors_lie_where_they_must(name, least, most):
    scores, codes, categories = probe(anchor(name, fillings=10), runs=5, fillings=10)
    assert scores["sentences"] == len(codes) == len(categories) == 140
    assert least <= scores["best"] <= scores["median"] <= most


def test_bag_of_words_lies_between_oracle_and_length():
    best = {name: probe(anchor(name, fillings=20), runs=10, fillings=20)[0]["best"] for name in ANCHORS}
    assert best["oracle"] < best["bag-of-words"] < best["length"] < best["random"]


def test_the_encoder_is_given_the_sentences_and_the_seed_draws_them():
    taken = []

    def encode(texts):
        taken.append(list(texts))
        return np.arange(len(texts), dtype=float)[:, None]

    for seed in (0, 0, 1):
        probe(encode, runs=1, fillings=3, seed=seed)
    assert taken[0] == taken[1] == prototype_sentences(3, 0)[0] != taken[2]


def test_no_such_anchor():
    with pytest.raises(UserError, match="there are oracle, bag-of-words"):
        anchor("fortune")


# ---- pictures --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [1, 2, 50])
def test_projections_of_any_width(width):
    codes = np.random.default_rng(0).normal(size=(28, width))
    for points in projections(codes).values():
        assert points.shape == (28, 2) and np.isfinite(points).all()


def test_pca_keeps_the_two_widest_directions():
    codes = np.random.default_rng(0).normal(size=(60, 3)) * [0.01, 5.0, 1.0]
    (name, points), _ = projections(codes).items()
    assert abs(np.corrcoef(points[:, 0], codes[:, 1])[0, 1]) > 0.99 and "(100% of" in name


def test_a_picture_that_cannot_be_written(tmp_path):
    codes = np.random.default_rng(0).normal(size=(28, 3))
    with pytest.raises(UserError, match="space.nothing: .nothing is not written; choose png, jpg, pdf or svg"):
        draw(codes, np.repeat(np.arange(14), 2), tmp_path / "space.nothing", title="x")


# ---- other people's encoders -----------------------------------------------------------------------------------------


@pytest.fixture
def bert(tmp_path):
    """A BERT of two tiny layers with random weights, in a folder as transformers writes it."""
    import torch
    from transformers import BertConfig, BertModel, BertTokenizer

    letters = "abcdefghijklmnopqrstuvwxyz"
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "is", ".", *letters, *(f"##{x}" for x in letters)]
    (tmp_path / "vocab.txt").write_text("\n".join(words))
    BertTokenizer(str(tmp_path / "vocab.txt")).save_pretrained(tmp_path)
    torch.manual_seed(0)
    sizes = {"hidden_size": 8, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 11}
    BertModel(BertConfig(vocab_size=len(words), **sizes)).save_pretrained(tmp_path)
    return tmp_path


def test_mean_of_the_last_layer_whatever_the_batch(bert):
    import torch
    from transformers import AutoModel, AutoTokenizer

    texts = ["the cat is .", "", "is the the the the"]
    codes = transformers_encoder(bert, batch_size=2)(texts)
    assert codes.shape == (3, 8) and np.isfinite(codes).all()
    tokenizer, model = AutoTokenizer.from_pretrained(bert), AutoModel.from_pretrained(bert).eval()
    with torch.no_grad():
        alone = model(**tokenizer(texts[:1], return_tensors="pt")).last_hidden_state[0].mean(0)
    np.testing.assert_allclose(codes[0], alone.numpy(), atol=1e-5)


def test_probing_a_transformers_folder(bert, capsys):
    code, out, _ = call(capsys, "probe", "syntax", bert, "--runs", 2, "--fillings", 2, "--json", "--device", "cpu")
    found = json.loads(out)
    assert code == 0 and found["sentences"] == 28 and 0 <= found["best"] <= 26


def test_folders_and_names_that_are_none(capsys, tmp_path):
    (tmp_path / "config.json").write_text("{}")
    assert call(capsys, "probe", "syntax", tmp_path)[::2] == (
        2, call(capsys, "probe", "syntax", tmp_path)[2],
    )  # fmt: skip
    assert "not a model that transformers opens" in call(capsys, "probe", "syntax", tmp_path)[2]
    (tmp_path / "run" / "model").mkdir(parents=True)
    (tmp_path / "run" / "model" / "config.json").write_text("{}")
    assert "run/model, give that" in call(capsys, "probe", "syntax", tmp_path / "run")[2]
    for arguments in ((), (tmp_path, "--anchor", "length")):
        code, _, err = call(capsys, "probe", "syntax", *arguments)
        assert code == 2 and "give a model, or --anchor NAME" in err
    assert "there are oracle" in call(capsys, "probe", "syntax", "--anchor", "fortune")[2]
    code, _, err = call(capsys, "probe", "syntax", "--anchor", "length", "--seed", -1)
    assert code == 2 and "--seed" in err
