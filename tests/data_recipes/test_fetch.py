import hashlib
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from data_recipes.recipe import Recipe, lines
from textdis.core.errors import UserError

TEXT = b"good food .\nbad food .\n"


class Quiet(SimpleHTTPRequestHandler):
    asked = []

    def log_message(self, *_):
        self.asked.append(self.path)


@pytest.fixture
def address(tmp_path):
    (tmp_path / "site" / "small").mkdir(parents=True)
    (tmp_path / "site" / "small" / "a b.txt").write_bytes(TEXT)
    Quiet.asked.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path / "site")))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/small"
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("TEXTDIS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "data" / "small"


DIGEST = hashlib.sha256(TEXT).hexdigest()


def recipe(digest=DIGEST, file="a b.txt"):
    def parse(folder):
        return {"train": {"text": lines(folder / file)}}

    return Recipe("small", {file: digest}, parse, (), ("train",), "none", "example.org")


def test_files_are_fetched_once_and_kept(address, cache):
    assert recipe().load(address)["train"]["text"][:] == ["good food .", "bad food ."]
    assert recipe().load(address + "/")["train"].num_rows == 2
    assert Quiet.asked == ["/small/a%20b.txt"]
    assert [path.name for path in cache.iterdir()] == ["a b.txt"]


def test_another_content_is_refused_and_nothing_kept(address, cache):
    with pytest.raises(UserError, match="sha256 is .* not the file this recipe"):
        recipe("0" * 64).load(address)
    assert not list(cache.iterdir())


def test_what_spoilt_in_the_cache_is_told(address, cache):
    recipe().load(address)
    (cache / "a b.txt").write_text("spoilt")
    with pytest.raises(UserError, match="a b.txt: sha256 is"):
        recipe().load(address)


def test_a_missing_file_is_told_with_its_address(address, cache):
    with pytest.raises(UserError, match=r"small/none.txt: the server answers 404; give the address"):
        recipe(file="none.txt").load(address)
    assert not list(cache.iterdir())


def test_offline_the_way_out_is_told(cache):
    with pytest.raises(UserError, match="cannot be fetched .*put the file into .*data/small yourself"):
        recipe().load("http://127.0.0.1:9/small")
