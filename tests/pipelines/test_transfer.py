import itertools
import json
import pickle
import re

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from textdis.core.batch import BOS, PAD
from textdis.core.errors import UserError
from textdis.pipelines import pipeline
from textdis.pipelines import transfer as module
from textdis.pipelines.transfer import Transfer
from textdis.systems.collaborative import Collaborative, CollaborativeConfig
from textdis.systems.text_classifier import TextCNN, TextCNNConfig
from textdis.text.tokenizer import SentencePieceTokenizer, WordTokenizer


def one(transfer, line, **options):
    (result,) = transfer.rewrite([line], **options)
    return result


def test_a_text_and_a_list_of_texts(lexicon):
    assert lexicon("The food was great!") == "The food was awful!"
    assert lexicon(["I love this place.", ""]) == ["I hate this place.", ""]
    assert lexicon([]) == []
    assert one(lexicon, "I love this place.").output == next(lexicon.rewrite("I love this place.")).output


@pytest.mark.parametrize(
    "kept",
    ["Marta", "https://example.com/a?b=1", "😀", "$24.50", "03/14", "@joes", "Tsukemen", "7:30"],
    ids=["name", "url", "emoji", "price", "date", "handle", "unknown word", "time"],
)
def test_what_the_model_never_saw_comes_back(lexicon, kept):
    assert (
        lexicon(f"The food was great and I love {kept} but waited.")
        == f"The food was awful and I hate {kept} but waited."
    )


def test_tags_around_a_word_that_goes_do_not_stay_around_nothing(lexicon):
    model, tokenizer = lexicon.rewriter.model, lexicon.rewriter.tokenizer
    line = 'I love this <em class="x">tasty</em> place.'
    assert lexicon(line) == 'I hate this <em class="x">bland</em> place.'
    model.swap[tokenizer.encode("tasty")[1]] = PAD  # it is left out
    sentence = one(lexicon, line).sentences[0]
    assert sentence.output == "I hate this place."
    assert sentence.changed == [("love", "hate"), ("<em_class=''x''> tasty </em>", "")]


def test_a_name_of_known_words_comes_back(lexicon):
    assert lexicon("The staff was great at Great Clips.") == "The staff was awful at Great Clips."
    lexicon.common = None  # as for a model that copies no unknown word
    assert lexicon("The staff was great at Great Clips.") == "The staff was awful at Awful Clips."


def test_changes_are_those_of_the_raw_output(lexicon):
    sentence = one(lexicon, "It was a great place!").sentences[0]
    assert sentence.output == "It was an awful place!" and sentence.changed == [("a great", "an awful")]


def test_each_sentence_is_rewritten_in_place(lexicon):
    line = "  The food was GREAT!!  We waited 45 minutes.\tThe staff was friendly, though :)"
    result = one(lexicon, line)
    assert [s.reason for s in result.sentences] == [None, "no sentiment", None]
    assert re.fullmatch(r"  The food was \w+!+  We waited 45 minutes\.\tThe staff was rude, though :\)", result.output)


def test_lines_of_a_cell_and_what_the_web_left_in_it_stay(lexicon):
    assert lexicon("The food was great\nI love Marta&#39;s<br />It was great") == (
        "The food was awful\nI hate Marta&#39;s<br />It was awful"
    )


def test_what_a_result_says(lexicon):
    (sentence,) = one(lexicon, "The food was great.").sentences
    assert (sentence.source, sentence.output) == ("The food was great.", "The food was awful.")
    assert (sentence.source_style, sentence.output_style) == ("positive", "negative")
    assert sentence.source_probability == pytest.approx(1 / (1 + 2.718281828**-4))
    assert sentence.output_probability == pytest.approx(sentence.source_probability)
    assert 0.9 < sentence.similarity < 1.0
    assert sentence.changed == [("great", "awful")]
    assert not sentence.kept


@pytest.mark.parametrize(
    ("line", "options", "reason"),
    [
        ("", {}, "blank"),
        (" \t ", {}, "blank"),
        ("!!! 45 :)", {}, "nothing to rewrite"),
        ("Great stuff:", {}, "nothing to rewrite"),
        ("The food was great:", {}, None),
        ("We waited for 45 minutes.", {}, "no sentiment"),
        ("The food was great.", {"to": "positive"}, "already in the wanted style"),
        ("The food was great.", {"to": "positive", "source": "positive"}, "already in the wanted style"),
        ("The food was great.", {"neutral": 1.0}, "no sentiment"),
        ("The food was great.", {"min_similarity": 1.0}, "too different"),
        ("great " * 16, {}, "too long"),
        ("The great the great the great.", {"to": "negative", "n_best": 1}, None),  # stutters as its source does
    ],
)
def test_reasons(lexicon, line, options, reason):
    result = one(lexicon, line, **options)
    assert result.reason == reason
    assert (result.output == line) is (reason is not None)


def test_a_style_that_is_given_is_not_judged(lexicon):
    (sentence,) = one(lexicon, "The food was great.", source="positive").sentences
    assert sentence.output == "The food was awful." and sentence.source_probability is None
    (neutral,) = one(lexicon, "We waited for 45 minutes.", source="negative").sentences
    assert neutral.reason != "no sentiment" and neutral.source_style == "negative"


def test_a_model_that_cannot_reach_the_style(lexicon):
    lexicon.rewriter.model.swap = torch.arange(len(lexicon.rewriter.model.swap))  # it only copies
    assert one(lexicon, "The food was great.").reason == "missed the style"


def test_candidates_are_judged_as_sentences_are(lexicon, monkeypatch):
    """With `<s>`: a classifier that reads word by word would take the first word for it, or find no word at all."""
    model, first = lexicon.rewriter.model, []
    judge = model.classify
    monkeypatch.setattr(model, "classify", lambda batch: first.append(batch.tokens[:, 0].tolist()) or judge(batch))
    assert one(lexicon, "The food was great.").output == "The food was awful."
    assert len(first) > 1 and {token for row in first for token in row} == {BOS}


def test_a_model_that_loses_a_name(lexicon):
    model, tokenizer = lexicon.rewriter.model, lexicon.rewriter.tokenizer
    model.swap[4] = tokenizer.encode("staff")[1]  # the first slot
    model.score[4] = 0.1
    assert one(lexicon, "Marta was great.", n_best=1).reason == "broke the sentence"


def test_unfiltered_the_likeliest_is_taken_whatever_it_is(lexicon):
    """Where the pipeline would keep the source: the name is lost, and the style missed."""
    model, tokenizer = lexicon.rewriter.model, lexicon.rewriter.tokenizer
    model.swap[4], model.score[4] = tokenizer.encode("staff")[1], 0.1
    found = one(lexicon, "Marta was great.", n_best=1, unfiltered=True)
    assert found.reason is None and found.output == "Staff was awful."
    assert 0 < found.sentences[0].similarity < 1
    model.swap = torch.arange(len(model.swap))
    assert one(lexicon, "The food was great.", unfiltered=True).output == "The food was great."


def test_long_sentences_are_cut_at_clauses(lexicon):
    line = "The food was great and I love this place for the food, but the staff was rude and I waited for 45 minutes."
    result = one(lexicon, line)
    assert len(result.sentences) > 1
    assert all(len(s.source.split()) <= 15 for s in result.sentences)
    assert "awful" in result.output and "friendly" in result.output and "45 minutes." in result.output


@pytest.mark.parametrize("texts", [None, 5, b"awful", ["great", None], [b"great"]])
def test_what_is_no_text_is_refused(lexicon, texts):
    with pytest.raises(UserError, match="no list of texts|item [12] is (NoneType|bytes), not a text"):
        lexicon(texts)


TWO = ["The food was great.", "The staff was rude."]


def columns_of_texts():
    import datasets
    import numpy as np
    import pandas as pd

    column = datasets.Dataset.from_dict({"text": TWO})["text"]
    return [pd.Series(TWO), pd.Index(TWO), np.array(TWO), np.array(TWO, object), column, tuple(TWO), iter(TWO)]


def tables():
    import datasets
    import pandas as pd
    import pyarrow as pa

    made = datasets.Dataset.from_dict({"text": TWO})
    return [pd.DataFrame({"text": TWO}), {"text": TWO}, pa.table({"text": TWO}), made, datasets.DatasetDict(train=made)]


def test_no_thread_is_too_few(folder):
    with pytest.raises(UserError, match="threads is 0; give 1 or more"):
        pipeline("transfer", folder, threads=0)


def test_a_column_is_a_list_of_texts_and_a_table_is_not(lexicon):
    """Iterating over a DataFrame or a dict gives the names of its columns, which would be rewritten."""
    for texts in columns_of_texts():
        assert lexicon(texts) == lexicon(TWO)
    for table in tables():
        for run in (lexicon, lexicon.chunks):
            with pytest.raises(
                UserError, match=rf"{type(table).__name__} is a table, .* give one column: table\['text'\]"
            ):
                run(table)


def test_unknown_styles_and_options(lexicon):
    with pytest.raises(UserError, match="no style 'happy'; this model has negative, positive, opposite"):
        lexicon("great", to="happy")
    with pytest.raises(UserError, match="no style 'sad'; this model has negative, positive"):
        lexicon("great", source="sad")
    with pytest.raises(UserError, match="n_best is 0; give a whole number from 1 to 100"):
        lexicon("great", n_best=0)
    with pytest.raises(UserError, match="no option 'strenght'"):
        lexicon("great", strenght=1)


def test_opposite_of_three_styles(lexicon):
    lexicon.labels = ["negative", "positive", "formal"]
    with pytest.raises(
        UserError, match="`opposite` needs a model of two styles, this one has negative, positive, formal"
    ):
        lexicon("The food was great.")
    assert lexicon("The food was great.", to="negative") == "The food was awful."


LINES = ["The food was great.", "", "I hate this place! Marta was rude.", "We waited.", "It's bland", "!!"]


@pytest.mark.parametrize("batch_size", [1, 2, 256])
def test_the_batch_size_changes_nothing(lexicon, batch_size):
    expected = [one(lexicon, line) for line in LINES]
    lexicon.rewriter.model.batches.clear()
    assert list(lexicon.rewrite(LINES, batch_size=batch_size)) == expected
    assert max(lexicon.rewriter.model.batches) <= max(1, batch_size // 4)


def test_equal_sentences_are_treated_once(lexicon):
    assert lexicon(["The food was great."] * 20) == ["The food was awful."] * 20
    assert lexicon.rewriter.model.batches == [1]


def test_results_come_as_a_stream(lexicon):
    endless = itertools.cycle(LINES)
    results = list(itertools.islice(lexicon.rewrite(endless), 3))
    assert [r.source for r in results] == LINES[:3]


def test_chunks_grow_and_go_on_where_a_run_stopped(lexicon):
    lines = [LINES[i % len(LINES)] for i in range(300)]
    whole = list(lexicon.chunks(lines))
    assert [len(chunk) for chunk in whole] == [32, 32, 64, 128, 44]
    assert list(lexicon.chunks(lines[64:], done=64)) == whole[2:]


def test_a_chunk_holds_a_bounded_number_of_characters(lexicon, monkeypatch):
    monkeypatch.setattr(module, "MOST_CHARACTERS", 50)
    assert [len(chunk) for chunk in lexicon.chunks(["x" * 20] * 7)] == [3, 3, 1]


def test_a_caller_keeps_his_random_numbers(lexicon):
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    lexicon("The food was great.", seed=7)
    assert torch.equal(torch.rand(1), expected)


@settings(deadline=None, max_examples=30)
@given(line=st.text(st.sampled_from("great the rude staff.!? ,'\"\r\té中😀é\u2028_%$3<>`-")) | st.text())
def test_any_line_comes_back_as_one_line(lexicon_once, line):
    line = line.replace("\n", " ")
    result = one(lexicon_once, line)
    assert result.source == line
    assert result.output.count("\n") == 0
    if all(s.kept for s in result.sentences):
        assert result.output == line


# --- folders ------------------------------------------------------------------------------------


WORDS = "the food was great awful and _num_ . !".split()


def save(folder, tokenizer, styles=2, labels=("negative", "positive"), **notes):
    torch.manual_seed(0)
    sizes = {"embedding": 7, "hidden": 11, "units": 5}
    config = CollaborativeConfig(
        tokenizer.size, styles, getattr(tokenizer, "slots", 0), sizes, {"embedding": 7, "filters": 3}
    )
    tokenizer.save(folder)
    Collaborative(config).save_pretrained(folder, labels=list(labels), **notes)
    return folder


@pytest.fixture
def folder(tmp_path):
    return save(tmp_path / "model", WordTokenizer(WORDS, slots=2), neutral=0.3)


@pytest.mark.parametrize("int8", [False, True])
def test_a_real_model_with_random_weights(folder, int8):
    transfer = pipeline("transfer", folder, device="cpu", int8=int8)
    assert (transfer.labels, transfer.rewriter.neutral, transfer.longest) == (["negative", "positive"], 0.3, 15)
    for n_best in (1, 4):
        results = list(transfer.rewrite(LINES, n_best=n_best, min_similarity=0.0))
        assert [r.source for r in results] == LINES
        assert {s.source_style for r in results for s in r.sentences} <= {"negative", "positive", None}


def test_a_line_alone_is_rewritten_as_beside_longer_ones(shipped):
    transfer, line = pipeline("transfer", shipped, device="cpu"), "We waited 45 minutes."
    longer = "The soup was cold and the waiter never came back to our table after we had asked him for the bill ."
    assert transfer(line) == transfer([longer, line])[1] != line


def test_sentence_pieces(tmp_path):
    tokenizer = SentencePieceTokenizer.fit(["the food was great", "the staff was rude ."] * 9, size=300)
    transfer = pipeline("transfer", save(tmp_path, tokenizer, longest=7), device="cpu")
    assert transfer.longest == 7 and transfer.common is None
    assert len(transfer(LINES)) == len(LINES)


def test_the_same_lines_give_the_same_output(folder):
    transfer = pipeline("transfer", folder, device="cpu")
    assert list(transfer.rewrite(LINES)) == list(transfer.rewrite(LINES))


def damage(folder, kind):
    config = json.loads((folder / "config.json").read_text())
    if kind == "pickle":
        (folder / "model.safetensors").write_bytes(pickle.dumps({"weights": [1]}))
    if kind == "only pickle":
        (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    if kind == "newer":
        config["format"] = 99
    if kind == "foreign class":
        config["model"] = "os:system"
    if kind == "one label":
        config["labels"] = ["negative"]
    if kind == "no labels":
        del config["labels"]
    (folder / "config.json").write_text(json.dumps(config))
    if kind == "no tokenizer":
        (folder / "tokenizer.json").unlink()
    if kind == "other tokenizer":
        WordTokenizer(["a"]).save(folder)
    if kind == "cut weights":
        (folder / "model.safetensors").write_bytes((folder / "model.safetensors").read_bytes()[:-8])
    if kind == "no JSON":
        (folder / "config.json").write_text("{")
    if kind == "another system":
        TextCNN(TextCNNConfig(WordTokenizer.load(folder / "tokenizer.json").size)).save_pretrained(
            folder, labels=["a", "b"]
        )


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("pickle", "not readable as safetensors"),
        ("only pickle", "pytorch_model.bin is a pickle, which textdis never opens"),
        ("newer", "newer than this textdis reads"),
        ("foreign class", "only classes of textdis are loaded"),
        ("one label", "1 labels and .* fetch the folder again"),
        ("no labels", "cannot rewrite; give a transfer model"),
        ("no tokenizer", "no tokenizer there"),
        ("other tokenizer", "fetch the folder again"),
        ("cut weights", "not readable as safetensors"),
        ("no JSON", "not valid JSON"),
        ("another system", "holds a textdis.systems.text_classifier:TextCNN, which cannot rewrite"),
    ],
)
def test_a_folder_that_cannot_be_used(folder, kind, message):
    damage(folder, kind)
    with pytest.raises(UserError, match=message) as caught:
        pipeline("transfer", folder)
    assert "\n" not in str(caught.value)


def test_an_unknown_task(folder):
    with pytest.raises(UserError, match="no task 'translate'; there is: transfer"):
        pipeline("translate", folder)


def test_threads(folder):
    before = torch.get_num_threads()
    try:
        Transfer.from_folder(folder, threads=1)
        assert torch.get_num_threads() == 1
    finally:
        torch.set_num_threads(before)
