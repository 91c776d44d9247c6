from __future__ import annotations

import io

from front_toys import DATA, FITTED, TEXTS, FakeJudges
from rich.console import Console

from textdis.evaluation.evaluate import evaluate_systems
from textdis.evaluation.report import judges_note, markdown_table, notes_under, terminal_tables


def printed(**systems):
    found = evaluate_systems(systems, DATA, FakeJudges(), FITTED, samples=100)
    console = Console(file=io.StringIO(), width=100)
    for table in terminal_tables(found):
        console.print(table)
    return console.file.getvalue(), found


def test_a_table_has_a_line_a_system_and_a_dash_for_what_is_missing():
    table = markdown_table(
        {
            "copy": {"accuracy_cnn": 0.0251, "self_bleu": 100.0, "ref_bleu": 31.23, "undecided_cnn": 0.0},
            "a|b": {"accuracy_cnn": 0.5, "self_bleu": 7.0},
        }
    )
    assert table.splitlines() == [
        "| system | acc cnn % | self-BLEU | ref-BLEU |",
        "| --- | ---: | ---: | ---: |",
        "| copy | 2.5 | 100.0 | 31.2 |",
        "| a\\|b | 50.0 | 7.0 | - |",
    ]


def test_terminal_tables_fit_100_columns_and_hold_every_system_and_score():
    long = "a/very/long/path/to/some/outputs-of-a-system.txt"
    text, found = printed(**{"mine": TEXTS, long: TEXTS})
    lines = text.splitlines()
    assert max(map(len, lines)) <= 100
    assert text.count("…") == text.count("a/very/lo…system.txt") > 0  # nothing else is cut
    for heading in (
        "acc cnn %",
        "joint %",
        "self-BLEU",
        "ref-BLEU",
        "nouns kept %",
        "ppl / real",
        "copies %",
        "empty %",
    ):
        assert heading in text
    blocks = -(-len([key for key in markdown_table(found.table).splitlines()[0].split("|")[2:-1]]) // 6)
    assert sum(line.strip().startswith("mine") for line in lines) == blocks + 1  # and the differences
    assert sum(line.strip().startswith("planted hack") for line in lines) == blocks


def test_names_are_shown_as_they_are_and_told_apart_where_they_are_long():
    names = ["o[v2].txt", "[/b].txt", *(f"a-system-with-a-long-name-{i}" for i in (1, 2))]
    text, _ = printed(**dict.fromkeys(names, TEXTS))
    for shown in (*names[:2], "a-system-…ong-name-1", "a-system-…ong-name-2"):
        assert shown in text


def test_differences_are_shown_with_their_p():
    text, _ = printed(mine=TEXTS)
    (row,) = [line for line in text.split("minus lexicon swap")[1].splitlines() if line.strip().startswith("mine")]
    assert "-100.0 p=" in row


def test_without_a_system_there_is_no_comparison():
    assert "minus" not in printed()[0]


def test_the_notes_say_what_a_reader_must_know():
    _, found = printed(mine=["", *TEXTS[1:]])
    notes = "\n".join(notes_under(found))
    assert "mine: 1 empty; counted as failures." in notes and "Judges abc" in notes
    assert "gamed by appending a stock phrase" in notes and "not over random seeds" in notes


def test_the_note_says_how_good_the_judges_are():
    note = judges_note({"cnn": 0.97, "linear": 0.941, "perplexity": 23.46, "unk_share": 0.004, "tokens": 9.0}, "abc")
    assert "Judges abc" in note and "cnn 97.0%, linear 94.1%" in note and "perplexity 23.5" in note
    assert "0.4% unknown" in note and "tok:none" in note
