"""Encoders that others trained: read from files of their layout, made here, or refused."""

from __future__ import annotations

import io
import os
import pickle
import re
import sys
import types
import zipfile
from collections import OrderedDict
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from app.errors import AppError
from app.imaging import preprocess
from app.inference import vision
from app.inference.models.densenet_lstm import DenseNetEncoder
from app.training import unpickling
from app.training.pretrained import IMAGENET, XRAYVISION, XRAYVISION_FINDINGS, load_encoder

SIDE = 96


def lifelike(model: nn.Module) -> nn.Module:
    """Batch norms with statistics of their own, as after a training."""
    generator = torch.Generator().manual_seed(1)
    for norm in (module for module in model.modules() if isinstance(module, nn.BatchNorm2d)):
        norm.running_mean.normal_(0.0, 0.1, generator=generator)
        norm.running_var.uniform_(0.5, 1.5, generator=generator)
    return model.eval()


@pytest.fixture(scope="module")
def network() -> nn.Module:
    """torchvision's DenseNet-121 for three colours."""
    with torch.random.fork_rng():
        torch.manual_seed(2)
        return lifelike(vision.models().densenet121(weights=None))


@pytest.fixture(scope="module")
def gray_network() -> nn.Module:
    """The same for one gray channel and 18 findings: torchxrayvision's layout."""
    with torch.random.fork_rng():
        torch.manual_seed(3)
        model = vision.models().densenet121(weights=None, num_classes=18)
        model.features.conv0 = nn.Conv2d(1, 64, 7, 2, 3, bias=False)
        model.features.conv0.weight.data.normal_(0.0, 2e-4)
    return lifelike(model)


@pytest.fixture(scope="module")
def gray_levels() -> Tensor:
    """(2, 1, SIDE, SIDE) gray values 0..255."""
    return torch.randint(256, (2, 1, SIDE, SIDE), generator=torch.Generator().manual_seed(4))


def ours(file: Path, gray: Tensor) -> Tensor:
    encoder = DenseNetEncoder()
    encoder.load_state_dict(load_encoder(file).state, strict=True)
    with torch.inference_mode():
        return encoder.eval()(torch.from_numpy(preprocess.normalise(gray.numpy())))


def theirs(model: nn.Module, values: Tensor) -> Tensor:
    with torch.inference_mode():
        return functional.relu(model.features(values))


@pytest.fixture
def as_xrayvision(gray_network: nn.Module, monkeypatch: pytest.MonkeyPatch) -> nn.Module:
    """The gray network as instances of classes that call themselves torchxrayvision's, while they
    are pickled.
    """
    package, module = (
        types.ModuleType("torchxrayvision"),
        types.ModuleType("torchxrayvision.models"),
    )
    package.models = module
    classes = {}
    for name in ("DenseNet", "_DenseBlock", "_DenseLayer", "_Transition"):
        classes[name] = type(name, (nn.Sequential,), {"__module__": module.__name__})
        setattr(module, name, classes[name])
    monkeypatch.setitem(sys.modules, "torchxrayvision", package)
    monkeypatch.setitem(sys.modules, "torchxrayvision.models", module)

    def copied(part: nn.Module) -> nn.Module:
        children = OrderedDict((name, copied(child)) for name, child in part.named_children())
        if type(part).__name__ in classes:
            return classes[type(part).__name__](children)
        return nn.Sequential(children) if children else part

    model = copied(gray_network)
    model.op_threshs = [0.5] * 18
    return model


# the test's own classes have no source for the old container to keep; torch's have
@pytest.mark.filterwarnings("ignore:Couldn't retrieve source code")
def test_a_pickled_torchxrayvision_model_gives_its_own_map(
    as_xrayvision: nn.Module, gray_network: nn.Module, gray_levels: Tensor, tmp_path: Path
) -> None:
    torch.save(as_xrayvision, tmp_path / "new.pt")
    torch.save(as_xrayvision, tmp_path / "old.pt", _use_new_zipfile_serialization=False)
    # utils.normalize of torchxrayvision: [-1024, 1024]
    expected = theirs(gray_network, (2 * (gray_levels.float() / 255) - 1) * 1024)
    assert float(expected.std()) > 0.01
    for name in ("new.pt", "old.pt"):
        found = load_encoder(tmp_path / name)
        assert found.kind == XRAYVISION
        torch.testing.assert_close(
            ours(tmp_path / name, gray_levels), expected, rtol=1e-3, atol=1e-4
        )


def test_its_state_alone_is_read_too(
    gray_network: nn.Module, gray_levels: Tensor, tmp_path: Path
) -> None:
    torch.save(gray_network.state_dict(), tmp_path / "plain.pt")
    wrapped = {f"module.{name}": value for name, value in gray_network.state_dict().items()}
    torch.save({"epoch": 3, "state_dict": wrapped}, tmp_path / "wrapped.pt")
    plain = ours(tmp_path / "plain.pt", gray_levels)
    assert load_encoder(tmp_path / "plain.pt").kind == XRAYVISION
    assert torch.equal(plain, ours(tmp_path / "wrapped.pt", gray_levels))


def test_its_rows_go_into_a_head_by_name(gray_network: nn.Module, tmp_path: Path) -> None:
    torch.save(gray_network.state_dict(), tmp_path / "x.pt")
    head = nn.Linear(1024, 3)
    before = head.weight.detach().clone()
    names = ("Mass", "Support Devices", "Effusion")
    assert load_encoder(tmp_path / "x.pt").into_head(head, names) == ("Mass", "Effusion")
    row = XRAYVISION_FINDINGS.index("Mass")
    assert torch.equal(head.weight[0], gray_network.classifier.weight[row])
    assert torch.equal(head.bias[0], gray_network.classifier.bias[row])
    assert torch.equal(head.weight[1], before[1])


def imagenet_file(network: nn.Module, file: Path) -> Path:
    """As torchvision distributes it: dotted names, no batch counters, the old container."""
    state = OrderedDict(
        (re.sub(r"(denselayer\d+\.(?:norm|conv))([12])", r"\1.\2", name), value)
        for name, value in network.state_dict().items()
        if not name.endswith("num_batches_tracked")
    )
    assert "features.denseblock1.denselayer1.norm.1.weight" in state
    torch.save(state, file, _use_new_zipfile_serialization=False)
    return file


def colours(gray: Tensor) -> Tensor:
    mean = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1)
    std = torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1)
    return (gray.float() / 255 - mean) / std


def test_imagenet_weights_are_exact_inside_and_framed_in_mid_gray_at_the_border(
    network: nn.Module, gray_levels: Tensor, tmp_path: Path
) -> None:
    file = imagenet_file(network, tmp_path / "densenet121-a639ec97.pth")
    found = load_encoder(file)
    assert found.kind == IMAGENET
    assert found.findings == {}
    encoder = DenseNetEncoder().eval()
    encoder.load_state_dict(found.state, strict=True)
    with torch.inference_mode():
        first = network.features.norm0(network.features.conv0(colours(gray_levels)))
        own = torch.from_numpy(preprocess.normalise(gray_levels.numpy()))
        mine = encoder.features.norm0(encoder.features.conv0(own))
        inside = slice(2, SIDE // 2 - 2)
        torch.testing.assert_close(
            mine[..., inside, inside], first[..., inside, inside], rtol=1e-4, atol=1e-4
        )
        assert float((mine - first).abs().max()) > 0.01  # the border's padding is another gray
        framed = functional.pad(gray_levels.float(), (3, 3, 3, 3), value=127.5)
        conv0 = network.features.conv0
        valid = functional.conv2d(colours(framed), conv0.weight, stride=2)
        torch.testing.assert_close(mine, network.features.norm0(valid), rtol=1e-4, atol=1e-4)


class Malicious:
    """Runs a command when it is unpickled freely."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, ("touch run-by-the-file",)


class Sneaky:
    """Calls what a stand-in for a class would be called with."""

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return nn.Conv2d.__init__.__globals__["__builtins__"]["eval"], ("1 + 1",)


@pytest.mark.parametrize("payload", [Malicious(), Sneaky()])
@pytest.mark.parametrize("container", ["zip", "old", "pickle"])
def test_a_file_that_would_run_something_is_refused_in_a_sentence(
    payload: object, container: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "densenet121-a639ec97.pth"
    if container == "pickle":
        file.write_bytes(pickle.dumps({"features.conv0.weight": payload}, protocol=2))
    else:
        torch.save({"x": payload}, file, _use_new_zipfile_serialization=container == "zip")
    with pytest.raises(AppError) as caught:
        load_encoder(file)
    assert str(file) in caught.value.message
    assert "\n" not in str(caught.value)
    assert caught.value.hint
    if container != "pickle":
        assert re.search(r"it names \S*(system|eval)", caught.value.message)
    assert not (tmp_path / "run-by-the-file").exists()


def test_a_module_brings_no_behaviour_of_its_own(as_xrayvision: nn.Module, tmp_path: Path) -> None:
    as_xrayvision.hook = Malicious()
    torch.save(as_xrayvision, tmp_path / "x.pt")
    with pytest.raises(AppError, match="more than weights"):
        load_encoder(tmp_path / "x.pt")


def test_stand_ins_are_known_only_while_a_file_is_read(
    as_xrayvision: nn.Module, tmp_path: Path
) -> None:
    torch.save(as_xrayvision, tmp_path / "x.pt")
    load_encoder(tmp_path / "x.pt")
    assert not set(torch.serialization.get_safe_globals()) & set(unpickling.STAND_INS)
    with pytest.raises(pickle.UnpicklingError):
        torch.load(tmp_path / "x.pt", weights_only=True)


def test_files_that_are_none_are_told_apart(
    network: nn.Module, gray_network: nn.Module, tmp_path: Path
) -> None:
    with pytest.raises(AppError, match="can't be read"):
        load_encoder(tmp_path / "absent.pth")
    text = tmp_path / "text.pth"
    text.write_text("<html>404</html>")
    with pytest.raises(AppError, match="damaged or no file of weights"):
        load_encoder(text)
    cut = imagenet_file(network, tmp_path / "cut.pth")
    cut.write_bytes(cut.read_bytes()[:20000])
    with pytest.raises(AppError, match="damaged or no file of weights"):
        load_encoder(cut)
    with zipfile.ZipFile(tmp_path / "zip.pth", "w") as archive:
        archive.writestr("x", "y")
    with pytest.raises(AppError, match="damaged or no file of weights"):
        load_encoder(tmp_path / "zip.pth")
    torch.save({"layer.weight": torch.ones(2)}, tmp_path / "other.pth")
    with pytest.raises(AppError, match="no DenseNet-121"):
        load_encoder(tmp_path / "other.pth")
    state = gray_network.state_dict()
    del state["features.denseblock4.denselayer16.conv2.weight"]
    torch.save(state, tmp_path / "part.pth")
    with pytest.raises(AppError, match=r"no whole DenseNet-121: see features\.denseblock4"):
        load_encoder(tmp_path / "part.pth")
    state = dict(gray_network.state_dict())
    state["features.norm5.bias"] = torch.full((1024,), float("nan"))
    torch.save(state, tmp_path / "nan.pth")
    with pytest.raises(AppError, match=r"features\.norm5\.bias"):
        load_encoder(tmp_path / "nan.pth")


def test_a_module_nested_without_end_is_refused(tmp_path: Path) -> None:
    inner = io.BytesIO()
    knot: dict[str, object] = {}
    knot["state_dict"] = knot
    torch.save(knot, inner)
    (tmp_path / "knot.pth").write_bytes(inner.getvalue())
    with pytest.raises(AppError, match="no DenseNet-121"):
        load_encoder(tmp_path / "knot.pth")
