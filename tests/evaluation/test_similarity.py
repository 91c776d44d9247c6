from __future__ import annotations

from importlib.util import find_spec

import numpy as np
import pytest

from textdis.core.errors import UserError
from textdis.evaluation import similarity

installed = pytest.mark.skipif(find_spec(similarity.PACKAGE) is None, reason="the extra `similarity` is not installed")


@installed
def test_paraphrases_are_closer_than_other_sentences():
    source = "the waiter took forever to bring our meal ."
    same, paraphrase, other, empty = similarity.embedding_similarity(
        [source, "our server was very slow with the food .", "the car needs new tires .", ""], [source] * 4
    )
    assert same == pytest.approx(1.0, abs=1e-5) and empty == 0.0
    assert paraphrase > 0.5 > 0.3 > other


@installed
def test_batches_change_nothing():
    texts = ["a", "", "the food was great and the staff was kind .", "no ."]
    one, many = (similarity.embed(texts, batch_size=size) for size in (1, 3))
    assert one.shape == (4, 384) and np.allclose(one, many, atol=1e-5)
    assert np.allclose(np.linalg.norm(one, axis=1), [1, 0, 1, 1], atol=1e-5)


@installed
def test_vectors_are_those_of_the_models_own_library():
    library = pytest.importorskip("sentence_transformers")
    texts = ["the food was great .", "never again , the staff was rude and slow !"]
    own = library.SentenceTransformer(str(similarity.find_folder()), device="cpu").encode(texts)
    assert np.allclose(similarity.embed(texts), own, atol=1e-4)


def test_unequal_lengths_are_refused():
    with pytest.raises(ValueError, match="belong together"):
        similarity.embedding_similarity(["a"], [])


def test_a_missing_package_is_told(monkeypatch):
    monkeypatch.setattr(similarity, "PACKAGE", "no_such_package_at_all")
    with pytest.raises(UserError, match=r"pip install 'textdis\[similarity\]'"):
        similarity.embedding_similarity(["a"], ["b"])
