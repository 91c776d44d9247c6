import importlib.util
from pathlib import Path

from textdis.pipelines.transfer import Transfer
from textdis.systems.collaborative import Collaborative, CollaborativeConfig
from textdis.text.tokenizer import WordTokenizer

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "ship.py"


def test_what_was_written_by_hand_stays(tmp_path):
    specification = importlib.util.spec_from_file_location("ship_script", SCRIPT)
    script = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(script)
    tokenizer = WordTokenizer(["the", "food", "."], slots=2)
    sizes = {"embedding": 7, "hidden": 11, "units": 5}
    model = Collaborative(CollaborativeConfig(tokenizer.size, 2, 2, sizes, {"embedding": 7, "filters": 3}))
    model.save_pretrained(tmp_path / "run", labels=["negative", "positive"], neutral=0.3)
    tokenizer.save(tmp_path / "run")
    (tmp_path / "shipped").mkdir()
    (tmp_path / "shipped" / "README.md").write_text("the card")
    (tmp_path / "shipped" / "idioms.json").write_text('{"positive": ["never disappointed"]}')
    script.ship_model(tmp_path / "run", tmp_path / "shipped")
    rewriter = Transfer.from_folder(tmp_path / "shipped", device="cpu").rewriter
    assert (rewriter.neutral, rewriter.idioms.style("never disappointed .")) == (0.3, 1)
    assert (tmp_path / "shipped" / "README.md").read_text() == "the card"
