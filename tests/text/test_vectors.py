import gzip

import pytest
import torch

from textdis.core.errors import UserError
from textdis.text.tokenizer import WordTokenizer
from textdis.text.vectors import ppmi_vectors, read_vectors

WORDS = ["good", "food", "bad"]  # ids 4, 5, 6
PLAIN = "food 1 2 3\nnever 7 7 7\ngood 4 5 6.5\nfood 9 9 9\n"


@pytest.mark.parametrize("content", [PLAIN, "4 3\n" + PLAIN, PLAIN.replace("3\n", "3 \r\n")])
def test_with_a_first_line_of_counts_and_without(tmp_path, content):
    path = tmp_path / "v.txt"
    path.write_text(content)
    ids, vectors = read_vectors(path, WordTokenizer(WORDS), 3)
    assert ids.tolist() == [5, 4]
    assert vectors.tolist() == [[1.0, 2.0, 3.0], [4.0, 5.0, 6.5]]  # the second `food` does not count


def test_packed(tmp_path):
    path = tmp_path / "v.txt.gz"
    path.write_bytes(gzip.compress(PLAIN.encode()))
    assert read_vectors(path, WordTokenizer(WORDS), 3)[0].tolist() == [5, 4]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("food 1 2 3\ngood 1 2\n", "line 2: 2 numbers, not 3"),
        ("food 1 2 x\n", "line 1: could not convert"),
        ("food 1 nan 3\n", "line 1: a number is not finite"),
        ("other 1 2 3\n", "holds none of the 7 words"),
        (b"3 3\nfood 1 2 3\n\xff\xfe\n", "line [123]: not UTF-8"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path, content, message):
    path = tmp_path / "v.txt"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(UserError, match=message):
        read_vectors(path, WordTokenizer(WORDS), 3)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(UserError, match="cannot be read"):
        read_vectors(tmp_path / "none.txt", WordTokenizer(WORDS), 3)


def test_words_of_one_place_get_like_vectors():
    """Two words that stand between the same neighbours come nearer to each other than to any other word."""
    rng = torch.Generator().manual_seed(0)
    rows = []
    for _ in range(600):
        a, b = torch.randint(0, 2, (2,), generator=rng).tolist()
        rows.append([1, 10, 4 + a, 11, 2] if b else [1, 12, 6 + a, 13, 2])  # 4 and 5 are of a kind, 6 and 7 too
    ids, vectors = ppmi_vectors(rows, 20, 3)
    assert ids.tolist() == [4, 5, 6, 7, 10, 11, 12, 13] and vectors.shape == (8, 3)
    unit = vectors / vectors.norm(dim=1, keepdim=True)
    alike = unit @ unit.T
    assert alike[0, 1] > 0.9 > 0.5 > alike[0, 2] and alike[2, 3] > 0.9
    again = ppmi_vectors(rows, 20, 3)[1]
    assert torch.equal(again, vectors)


def test_fewer_words_than_numbers():
    with pytest.raises(
        UserError, match="2 words cannot have vectors of 3 numbers; give more sentences, or shorter vectors"
    ):
        ppmi_vectors([[1, 4, 5, 2]], 6, 3)
