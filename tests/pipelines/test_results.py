import json

from hypothesis import given
from hypothesis import strategies as st

from textdis.pipelines.results import LineResult, SentenceResult, word_changes, word_diff


def test_word_changes():
    assert word_changes("it was great .".split(), "it was awful .".split()) == [("great", "awful")]
    assert word_changes("i will be back".split(), "i will not be back at all".split()) == [("", "not"), ("", "at all")]
    assert word_changes(["a"], ["a"]) == []


def test_word_diff_keeps_contractions_whole():
    runs = word_diff("I don't  care.", "I do care.")
    assert runs == [("I ", "I ", True), ("don't  ", "do ", False), ("care.", "care.", True)]


@given(st.text("ab 'é!. 😀"), st.text("ab 'é!. 😀"))
def test_word_diff_spells_both_lines(source, output):
    runs = word_diff(source, output)
    assert "".join(run.source for run in runs) == source
    assert "".join(run.output for run in runs) == output
    assert all("".join(run.source.split()) == "".join(run.output.split()) for run in runs if run.same)


def sentence(reason):
    return SentenceResult("a", "b" if reason is None else "a", reason=reason)


def test_a_line_tells_why_nothing_changed():
    assert LineResult("", "", blank=True).reason == "blank"
    assert LineResult("!", "!").reason == "nothing to rewrite"
    assert LineResult("a", "a", [sentence("no sentiment"), sentence("too long")]).reason == "no sentiment; too long"
    assert LineResult("a", "b", [sentence("no sentiment"), sentence(None)]).reason is None


def test_as_dict_is_json():
    found = json.loads(json.dumps(LineResult("a", "b", [sentence(None), sentence("too long")]).as_dict()))
    assert [s["kept"] for s in found["sentences"]] == [False, True]
    assert (found["source"], found["output"], found["reason"]) == ("a", "b", None)
