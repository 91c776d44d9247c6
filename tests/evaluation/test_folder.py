from __future__ import annotations

import json
import subprocess
from dataclasses import replace

import pytest
from front_toys import DATA, FITTED, TEXTS, FakeJudges

from textdis.core.errors import UserError
from textdis.evaluation.evaluate import evaluate_systems
from textdis.evaluation.folder import write_folder
from textdis.evaluation.provenance import file_hash, git_commit, provenance, record


@pytest.fixture(scope="module")
def evaluation():
    return evaluate_systems({"my/model": ["", *TEXTS[1:]]}, DATA, FakeJudges(), FITTED, samples=20)


def test_the_folder_holds_the_page_the_scores_and_the_sentences(evaluation, tmp_path):
    page = write_folder(evaluation, tmp_path / "report", "Title")
    assert "<title>Title</title>" in page.read_text(encoding="utf-8")
    content = json.loads((page.parent / "scores.json").read_text(encoding="utf-8"))
    assert content["systems"]["my/model"]["scores"] == evaluation.table["my/model"]
    assert content["judges"]["fingerprint"] == "abc" and content["data"]["fingerprint"] == evaluation.data.fingerprint
    assert content["joint_thresholds"] == evaluation.thresholds
    assert "accuracy_cnn" in content["systems"]["my/model"]["against"]
    lines = [json.loads(line) for line in (page.parent / "sentences.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(lines) == 5 * 3
    mine = [line for line in lines if line["system"] == "my/model"]
    assert [line["output"] for line in mine] == ["", *TEXTS[1:]] and mine[0]["wanted"] == "positive"
    assert mine[1]["copy"] is True and mine[1]["right_cnn"] is False
    assert (page.parent / "outputs" / "04-my-model.txt").read_text() == "\n" + "\n".join(TEXTS[1:]) + "\n"
    assert (page.parent / "table.md").read_text().startswith("| system | acc cnn % |")


def test_a_second_run_leaves_nothing_of_the_first_and_all_that_is_not_of_it(evaluation, tmp_path):
    write_folder(evaluation, tmp_path, "Title")
    (tmp_path / "codes.png").write_text("")
    (tmp_path / "outputs" / "07-mine.txt").write_text("my own")
    systems = {name: scores for name, scores in evaluation.systems.items() if name != "my/model"}
    write_folder(replace(evaluation, systems=systems, comparisons={}), tmp_path, "Title")
    names = {path.name for path in (tmp_path / "outputs").iterdir()}
    assert "07-mine.txt" in names and "04-my-model.txt" not in names and len(names) == 5
    assert not (tmp_path / "codes.png").exists()


def test_a_folder_that_cannot_be_written_is_told(evaluation, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot be written"):
        write_folder(evaluation, tmp_path / "file" / "report", "Title")


def test_provenance_names_what_made_the_figures():
    facts = provenance(command="textdis evaluate", judges="abc")
    assert facts["command"] == "textdis evaluate" and facts["judges"] == "abc"
    assert "numpy" in facts["libraries"] and "tok:none" in facts["bleu"] and facts["date"].endswith("+00:00")


def test_a_hash_changes_with_content_and_names(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x.txt").write_text("one")
    assert file_hash(tmp_path / "a") == file_hash(tmp_path / "b")
    (tmp_path / "b" / "x.txt").rename(tmp_path / "b" / "y.txt")
    assert file_hash(tmp_path / "a") != file_hash(tmp_path / "b")
    single = file_hash(tmp_path / "a" / "x.txt")
    (tmp_path / "a" / "x.txt").write_text("two")
    assert file_hash(tmp_path / "a" / "x.txt") != single


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
