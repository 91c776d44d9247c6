import json
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textdis.core.batch import BOS, EOS, PAD, UNK
from textdis.core.errors import UserError
from textdis.text.tokenizer import SentencePieceTokenizer, WordTokenizer, load_tokenizer

SENTENCES = ["the food was good .", "the food was bad .", "the staff is rude !"]
word = st.text(st.characters(blacklist_categories=("Z", "C")), min_size=1, max_size=5).filter(
    lambda text: text.split() == [text] and "▁" not in text
)


@pytest.fixture(scope="module")
def pieces() -> SentencePieceTokenizer:
    return SentencePieceTokenizer.fit(SENTENCES * 20, size=300)


def test_words_are_numbered_by_frequency_after_specials_and_slots():
    tokenizer = WordTokenizer.fit(SENTENCES, slots=2)
    # 4 specials, slots 4 and 5, `the` (3 times), then by count and alphabet: . food was (2), ! bad ... (1)
    assert tokenizer.words == ["the", ".", "food", "was", "!", "bad", "good", "is", "rude", "staff"]
    assert tokenizer.size == 16
    assert tokenizer.encode("the food") == [BOS, 6, 8, EOS]


def test_fit_drops_rare_words_and_keeps_at_most_max_size():
    assert WordTokenizer.fit(SENTENCES, min_count=2).words == ["the", ".", "food", "was"]
    assert WordTokenizer.fit(SENTENCES, max_size=3).words == ["the", ".", "food"]


def test_unknown_words_are_unk_without_slots():
    tokenizer = WordTokenizer(["the"])
    assert tokenizer.encode("the zyx") == [BOS, 4, UNK, EOS]
    assert tokenizer.decode([BOS, 4, UNK, EOS], "the zyx") == "the <unk>"


def test_slots_number_distinct_unknown_words_and_bring_them_back():
    tokenizer = WordTokenizer(["the", "likes"], slots=2)
    text = "ann likes bob 😀 ann"  # three distinct unknowns, two slots
    ids = tokenizer.encode(text)
    assert ids == [BOS, 4, 7, 5, UNK, 4, EOS]
    assert tokenizer.slot_ids(text) == {"ann": 4, "bob": 5}
    assert tokenizer.decode(ids, text) == "ann likes bob <unk> ann"
    assert tokenizer.decode([5, 7, 4], text) == "bob likes ann"
    assert tokenizer.decode([4, 7]) == "<slot_0> likes"
    assert tokenizer.decode([4, 5], "only ann here") == "only ann"  # unknown: only, ann, here
    assert tokenizer.decode([4, 5], "the ann") == "ann <slot_1>"  # the source fills one slot, the other stays marked


def test_a_sentence_that_spells_a_special_holds_an_unknown_word():
    tokenizer = WordTokenizer(["the"], slots=3)
    text = "<pad> the </s> <slot_2>"
    assert tokenizer.encode(text) == [BOS, 4, 7, 5, 6, EOS]
    assert tokenizer.decode(tokenizer.encode(text), text) == text


def test_decode_stops_at_the_end_and_drops_padding():
    tokenizer = WordTokenizer(["a", "b"])
    assert tokenizer.decode([BOS, 4, EOS, 5, PAD]) == "a"
    assert tokenizer.decode([PAD, PAD, 5]) == "b"
    assert tokenizer.decode([]) == ""


def test_batches_of_rows_and_tensors():
    import torch

    tokenizer = WordTokenizer(["a"], slots=1)
    texts = ["a x", "y a a"]
    rows = tokenizer.encode_batch(texts)
    assert rows == [tokenizer.encode(text) for text in texts]
    assert tokenizer.decode_batch(rows, texts) == texts
    padded = torch.tensor([[*rows[0], PAD], rows[1]])
    assert tokenizer.decode_batch(padded, texts) == texts
    assert tokenizer.decode_batch(padded) == ["a <slot_0>", "<slot_0> a a"]
    with pytest.raises(ValueError, match="shorter"):
        tokenizer.decode_batch(rows, texts[:1])


@settings(max_examples=50)
@given(st.lists(word, max_size=7), st.lists(word, max_size=7, unique=True))
def test_with_enough_slots_every_sentence_comes_back(words, vocabulary):
    tokenizer, text = WordTokenizer(vocabulary, slots=7), " ".join(words)
    assert tokenizer.decode(tokenizer.encode(text), text) == text


@settings(max_examples=50)
@given(st.lists(word, max_size=7))
def test_pieces_bring_back_any_script_and_never_say_unk(pieces, words):
    text = " ".join(words)
    ids = pieces.encode(text)
    assert UNK not in ids and max(ids) < pieces.size
    assert pieces.decode(ids) == text


@pytest.mark.parametrize(
    "text",
    [
        "the 👩‍👩‍👧 was 日本語 !",
        "اللغة العربية",
        unicodedata.normalize("NFD", "café ñ"),
        "𝒳 ﬁ ½",
        "<s> <pad> </s> <0x41>",
    ],
)
def test_pieces_change_no_character(pieces, text):
    assert pieces.decode(pieces.encode(text)) == text


def test_pieces_keep_the_special_ids(pieces):
    ids = pieces.encode("the food")
    assert (ids[0], ids[-1]) == (BOS, EOS) and not {PAD, BOS, EOS, UNK} & set(ids[1:-1])
    assert pieces.decode([*ids, PAD, PAD]) == "the food"


def test_positions_follow_words_into_pieces(pieces):
    assert WordTokenizer(["a"]).positions("a b c", [0, 2]) == [0, 2]
    text = "the zq food"
    found = pieces.positions(text, [1, 2])
    ids = pieces.encode(text)[1:-1]
    assert pieces.decode([ids[i] for i in found]) == "zq food"
    assert len(found) > 2  # the unseen word is made of several pieces, and all of them are found
    assert pieces.positions(text, []) == []


def test_too_few_pieces_are_refused():
    with pytest.raises(UserError, match="could not make 100 pieces .* give more"):
        SentencePieceTokenizer.fit(SENTENCES * 20, size=100)


@pytest.mark.parametrize("kind", ["word", "pieces"])
def test_save_and_load(tmp_path, pieces, kind):
    tokenizer = WordTokenizer.fit(SENTENCES, slots=3) if kind == "word" else pieces
    tokenizer.save(tmp_path / "model")
    again = load_tokenizer(tmp_path / "model")
    text = "the food 😀 was bad ."
    assert type(again) is type(tokenizer) and again.size == tokenizer.size
    assert again.encode(text) == tokenizer.encode(text)
    assert len(list((tmp_path / "model").iterdir())) == 1


GOOD = {"kind": "word", "slots": 1, "words": ["a", "b"]}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x80\x04pickle",
        b"[]",
        b"{}",
        b'{"kind": "word", "words": ["a"',
        *(
            json.dumps(GOOD | change).encode()
            for change in (
                {"kind": "char"}, {"slots": -1}, {"slots": "1"}, {"words": "ab"}, {"words": [1]}, {"words": ["a", "a"]},
                {"words": ["a b"]}, {"words": [""]},
            )
        ),
    ],
)  # fmt: skip
def test_damaged_vocabularies_are_refused(tmp_path, content):
    (tmp_path / "tokenizer.json").write_bytes(content)
    with pytest.raises(UserError):
        load_tokenizer(tmp_path)


def test_damaged_pieces_and_missing_files_are_refused(tmp_path):
    with pytest.raises(UserError, match="no tokenizer there"):
        load_tokenizer(tmp_path)
    (tmp_path / "tokenizer.model").write_bytes(b"not a model")
    with pytest.raises(UserError, match="not a sentencepiece model"):
        load_tokenizer(tmp_path)


def test_foreign_pieces_with_other_special_ids_are_refused(tmp_path):
    import io

    import sentencepiece

    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.Train(
        sentence_iterator=iter(SENTENCES * 20), model_writer=model, vocab_size=30, hard_vocab_limit=False, minloglevel=2
    )
    (tmp_path / "tokenizer.model").write_bytes(model.getvalue())
    with pytest.raises(UserError, match="special ids"):
        load_tokenizer(tmp_path)
