import errno
import io
import json
import sys

import pytest

from textdis.core.errors import UserError
from textdis.pipelines import output
from textdis.pipelines.output import PartFile, WriteError, open_output

OPTIONS = {"strength": 0.5}


def write(stream, *texts):
    stream.write("".join(f"{text}!\n" for text in texts), texts)


def stop_after(path, *texts):
    """What a run leaves that was interrupted after `texts`."""
    with pytest.raises(KeyboardInterrupt), PartFile(path, OPTIONS) as stream:
        if texts:
            write(stream, *texts)
        raise KeyboardInterrupt


def test_a_whole_file_gets_its_name_at_the_end(tmp_path):
    path = tmp_path / "a.txt"
    with PartFile(path, OPTIONS) as stream:
        write(stream, "one", "two")
        assert not path.exists()
    assert path.read_text() == "one!\ntwo!\n"
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


def test_an_old_file_stays_until_the_new_one_is_whole(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    stop_after(path, "one")
    assert path.read_text() == "old"
    assert (tmp_path / "a.txt.part").read_text() == "one!\n"


def test_a_link_stays_and_its_file_is_replaced(tmp_path):
    real, link = tmp_path / "there" / "a.txt", tmp_path / "a.txt"
    real.parent.mkdir()
    real.write_text("old")
    link.symlink_to(real)
    with open_output(link, OPTIONS) as stream:
        write(stream, "one")
    assert link.is_symlink() and real.read_text() == link.read_text() == "one!\n"


def test_resume_goes_on(tmp_path):
    path = tmp_path / "a.txt"
    stop_after(path, "one", "two")
    with open_output(path, OPTIONS, resume=True) as stream:
        texts = iter(["one", "two", "three"])
        stream.pass_over(texts)
        assert stream.done == 2
        write(stream, *texts)
    assert path.read_text() == "one!\ntwo!\nthree!\n"


def test_resume_cuts_what_a_killed_run_left_behind(tmp_path):
    path = tmp_path / "a.txt"
    stop_after(path, "one")
    with (tmp_path / "a.txt.part").open("a") as part:
        part.write("two!\nhalf a li")
    with PartFile(path, OPTIONS, resume=True) as stream:
        stream.pass_over(iter(["one"]))
        write(stream, "two")
    assert path.read_text() == "one!\ntwo!\n"


def test_resume_without_a_part_begins(tmp_path):
    with PartFile(tmp_path / "a.txt", OPTIONS, resume=True) as stream:
        stream.pass_over(iter(["one"]))
        assert stream.done == 0


def test_resume_does_not_replace_what_is_there(tmp_path):
    (tmp_path / "a.txt").write_text("precious\n")
    with pytest.raises(UserError, match="nothing to resume: .*a.txt is there, and no a.txt.part; leave --resume out"):
        PartFile(tmp_path / "a.txt", OPTIONS, resume=True)
    assert (tmp_path / "a.txt").read_text() == "precious\n"


@pytest.mark.parametrize("texts", [["one"], ["one", "TWO"], []])
def test_resume_refuses_another_input(tmp_path, texts):
    stop_after(tmp_path / "a.txt", "one", "two")
    with (
        pytest.raises(UserError, match="begun with another input"),
        PartFile(tmp_path / "a.txt", OPTIONS, resume=True) as stream,
    ):
        stream.pass_over(iter(texts))
    assert (tmp_path / "a.txt.part").read_text() == "one!\ntwo!\n"


def test_resume_refuses_other_options(tmp_path):
    stop_after(tmp_path / "a.txt", "one")
    with pytest.raises(UserError, match="begun with strength 0.5, now 0.9"):
        PartFile(tmp_path / "a.txt", {"strength": 0.9}, resume=True)


@pytest.mark.parametrize(
    "notes", ["{", "[]", '{"done": 1}', json.dumps({"done": 1, "bytes": 99, "digest": "", "options": {}})]
)
def test_resume_refuses_damaged_notes(tmp_path, notes):
    stop_after(tmp_path / "a.txt", "one")
    (tmp_path / "a.txt.part.json").write_text(notes)
    with pytest.raises(UserError, match="damaged"):
        PartFile(tmp_path / "a.txt", OPTIONS, resume=True)


def test_a_run_that_wrote_nothing_leaves_nothing(tmp_path):
    stop_after(tmp_path / "a.txt", "one")
    stop_after(tmp_path / "a.txt")  # begins anew
    assert list(tmp_path.iterdir()) == []


def test_unwritable_places(tmp_path):
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "none" / "a.txt", tmp_path / "file" / "a.txt", tmp_path):
        with pytest.raises(WriteError, match=r"cannot be written|is a directory"):
            open_output(path, OPTIONS)


def test_a_full_disk(tmp_path, monkeypatch):
    path = tmp_path / "a.txt"

    class Full(io.FileIO):
        def write(self, data):
            if self.tell() > 5:
                raise OSError(errno.ENOSPC, "No space left on device")
            return super().write(data[:3])  # a disk that fills up takes less than it is given

    with (
        pytest.raises(WriteError, match=r"a\.txt\.part: cannot be written \(No space left"),
        PartFile(path, {}) as stream,
    ):
        write(stream, "o")
        stream.stream.close()
        stream.stream = Full(stream.part, "r+b")
        stream.stream.seek(3)
        write(stream, "two", "three")
    assert (tmp_path / "a.txt.part").read_text() == "o!\n"
    assert not path.exists()
    with PartFile(path, {}, resume=True) as stream:
        stream.pass_over(iter(["o"]))
        assert stream.done == 1


def test_a_full_disk_met_by_the_notes_keeps_the_old_ones(tmp_path, monkeypatch):
    path = tmp_path / "a.txt"

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(WriteError, match="No space left"), PartFile(path, {}) as stream:
        write(stream, "one")
        monkeypatch.setattr(output.os, "replace", full)
        write(stream, "two")
    assert json.loads((tmp_path / "a.txt.part.json").read_text())["done"] == 1


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/dev/full is Linux's")
def test_a_device_is_written_as_it_stands():
    from pathlib import Path

    with open_output(Path("/dev/null"), {}) as stream:
        write(stream, "one")
        assert stream.done == 1
    with pytest.raises(WriteError, match="No space left"), open_output(Path("/dev/full"), {}) as stream:
        write(stream, "one")


def test_stdout_cannot_be_resumed():
    with pytest.raises(UserError, match="--resume needs --output"):
        open_output(None, {}, resume=True)


def test_a_lone_surrogate_becomes_its_escape():
    assert output.encoded('"\ud83d é"') == '"\\ud83d é"'.encode()
