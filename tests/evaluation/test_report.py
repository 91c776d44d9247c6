from __future__ import annotations

import json
import subprocess

from textdis.evaluation.report import git_commit, judges_note, markdown_table, record


def test_a_table_has_a_line_a_system_and_a_dash_for_what_is_missing():
    table = markdown_table(
        {
            "copy": {"accuracy_cnn": 0.0251, "self_bleu": 100.0, "ref_bleu": 31.23},
            "a|b": {"accuracy_cnn": 0.5, "self_bleu": 7.0},
        }
    )
    assert table.splitlines() == [
        "| system | acc cnn % | self-BLEU | ref-BLEU |",
        "| --- | ---: | ---: | ---: |",
        "| copy | 2.5 | 100.0 | 31.2 |",
        "| a\\|b | 50.0 | 7.0 | - |",
    ]


def test_the_note_says_how_good_the_judges_are():
    note = judges_note({"cnn": 0.97, "linear": 0.941, "perplexity": 23.46, "unk_share": 0.004, "tokens": 9.0}, "abc")
    assert "Judges abc" in note and "cnn 97.0%, linear 94.1%" in note and "perplexity 23.5" in note
    assert "0.4% unknown" in note and "tok:none" in note


def test_each_look_at_a_test_set_appends_a_line(tmp_path):
    path = tmp_path / "docs" / "test_runs.jsonl"
    for system in ("one", "two"):
        record(path, system=system, split="li.test", command="evaluate", judges="abc", scores={"self_bleu": 1 / 3})
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [line["system"] for line in lines] == ["one", "two"]
    assert lines[0]["scores"] == {"self_bleu": 0.333333} and lines[0]["split"] == "li.test"
    assert lines[0]["commit"] == "unknown" and lines[0]["date"].endswith("+00:00")


def test_the_commit_says_whether_files_changed(tmp_path):
    def git(*arguments: str) -> str:
        run = ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@b", *arguments]
        return subprocess.run(run, capture_output=True, text=True, check=True).stdout.strip()

    git("init", "-q")
    (tmp_path / "file").write_text("1")
    git("add", "file")
    git("commit", "-qm", "first")
    head = git("rev-parse", "HEAD")
    assert git_commit(tmp_path) == head
    (tmp_path / "file").write_text("2")
    assert git_commit(tmp_path) == f"{head}+changes"
