import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textdis.core.batch import BOS, EOS, PAD, UNK
from textdis.core.errors import UserError
from textdis.text.characters import LOST, CharTokenizer
from textdis.text.tokenizer import load_tokenizer

TEXTS = ["The cat is Aa.", "No cat!"]


@pytest.fixture
def tokenizer() -> CharTokenizer:
    return CharTokenizer.fit(TEXTS)


def test_case_blanks_and_marks_come_back(tokenizer):
    for text in [*TEXTS, "", "  a  A "]:
        assert tokenizer.decode(tokenizer.encode(text)) == text


def test_ids_by_frequency_then_by_character(tokenizer):
    # counts: a 3 (cat, a of Aa, cat), t 2, c 2, blank 4
    assert tokenizer.characters[0] == " "
    assert tokenizer.encode(" a") == [BOS, 4, tokenizer.characters.index("a") + 4, EOS]
    assert tokenizer.encode("") == [BOS, EOS]


def test_what_is_outside_the_alphabet_is_unknown_and_counted(tokenizer):
    assert tokenizer.encode("caß") == [*tokenizer.encode("ca")[:-1], UNK, EOS]
    assert tokenizer.decode(tokenizer.encode("caß")) == f"ca{LOST}"
    assert tokenizer.unknown(["caß", "ßß", "cat"]) == 3


def test_decoding_stops_at_the_end_and_drops_pads(tokenizer):
    c = tokenizer.encode("c")[1]
    assert tokenizer.decode([BOS, c, PAD, c, EOS, c]) == "cc"


def test_rare_characters_can_be_left_out():
    assert CharTokenizer.fit(["aab"], min_count=2).characters == ["a"]


def test_positions_are_those_of_the_characters_of_a_word(tokenizer):
    assert tokenizer.positions("The cat", [1]) == [4, 5, 6]


@given(st.lists(st.text()))
def test_any_text_comes_back_from_its_own_alphabet(texts):
    tokenizer = CharTokenizer.fit(texts)
    assert tokenizer.decode_batch(tokenizer.encode_batch(texts)) == texts
    assert tokenizer.unknown(texts) == 0


def test_a_folder_says_which_tokenizer_it_holds(tokenizer, tmp_path):
    tokenizer.save(tmp_path)
    loaded = load_tokenizer(tmp_path)
    assert isinstance(loaded, CharTokenizer) and loaded.characters == tokenizer.characters


@pytest.mark.parametrize("characters", [None, ["ab"], [1], "ab", ["a", "a"]])
def test_a_damaged_alphabet_is_refused(characters, tmp_path):
    (tmp_path / "tokenizer.json").write_text(json.dumps({"kind": "char", "characters": characters}))
    with pytest.raises(UserError, match="alphabet"):
        load_tokenizer(tmp_path)
