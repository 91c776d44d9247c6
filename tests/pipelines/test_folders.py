import pytest
import torch
from torch import nn

from textdis.core.errors import UserError
from textdis.pipelines import folders, pipeline
from textdis.pipelines.folders import choose_device, find_model, quantised


@pytest.fixture
def shipped(tmp_path, monkeypatch):
    folder = tmp_path / "pretrained" / "small"
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    monkeypatch.setattr(folders, "SHIPPED", tmp_path / "pretrained")
    return folder


def test_by_name_and_by_folder(shipped, tmp_path):
    assert find_model("small") == shipped
    assert find_model(tmp_path) == tmp_path
    assert find_model(str(shipped)) == shipped


def test_an_unknown_name_lists_what_ships(shipped):
    with pytest.raises(UserError, match=r"nothing: no such model folder.*small"):
        find_model("nothing")


@pytest.mark.parametrize(("model", "kind"), [(None, "NoneType"), (3, "int"), (b"small", "bytes"), (["small"], "list")])
@pytest.mark.parametrize("task", ["transfer", "traverse", "interpolate"])
def test_what_is_no_name_and_no_path(shipped, task, model, kind):
    with pytest.raises(UserError, match=rf"the model is of type {kind}; give .*ships \(small\), a folder, or owner"):
        pipeline(task, model=model)


def test_the_hub_is_asked_for_safe_files_only(shipped, tmp_path, monkeypatch):
    asked = {}

    def fetch(name, allow_patterns):
        asked[name] = allow_patterns
        return str(tmp_path)

    monkeypatch.setattr("huggingface_hub.snapshot_download", fetch)
    assert find_model("owner/name") == tmp_path
    assert asked["owner/name"] == ["*.json", "*.safetensors", "*.model", "README.md"]


def test_offline(shipped, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(UserError, match=r"owner/name: no such folder.*check the name and the connection.*small"):
        find_model("owner/name")


def test_devices():
    assert choose_device("cpu") == "cpu"
    assert choose_device("auto") in ("cpu", "cuda")
    if not torch.cuda.is_available():
        with pytest.raises(UserError, match="'cuda' cannot be used"):
            choose_device("cuda")


def test_int8_is_close():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(7, 11), nn.ReLU(), nn.Linear(11, 5)).eval()
    x = torch.randn(3, 7)
    small = quantised(model)
    assert not isinstance(small[0], nn.Linear)
    assert torch.allclose(small(x), model(x), atol=0.05)
