"""What every test gets: no screen, a data folder of its own, and a log that must stay silent."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# Workers share the processor, and torch's threads would spin while they wait for one another.
# Before torch is imported.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture
def shared_data() -> Path:
    """The folder of real data beside the checkout; skips where there is none."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"needs the real data in {SHARED_DATA}, which is not part of the project")
    return SHARED_DATA


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's data folder, another one for every test."""
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("READINGROOM_HOME", str(folder))
    return folder


@pytest.fixture(autouse=True)
def _same_random_numbers() -> None:
    """A test's random weights don't depend on which tests ran before it in its worker."""
    if (torch := sys.modules.get("torch")) is not None:
        torch.manual_seed(0)


@pytest.fixture(autouse=True)
def _known_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader study's secret is always the same here, so that the same items are drawn."""
    if (allocation := sys.modules.get("app.reading.allocation")) is not None:
        monkeypatch.setattr(allocation, "new_secret", lambda: 2718281828459045235360287471)


class _Collect(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.levelname} {record.name}: {record.getMessage()}")


@pytest.fixture(autouse=True)
def _silent_log(request: pytest.FixtureRequest) -> Iterator[None]:
    """A warning or error in the log fails a test, unless the test asks for ``caplog``."""
    if "caplog" in request.fixturenames:
        yield
        return
    collected = _Collect()
    logger = logging.getLogger("app")
    logger.addHandler(collected)
    try:
        yield
    finally:
        logger.removeHandler(collected)
    assert not collected.lines, "the application logged:\n" + "\n".join(collected.lines)


@pytest.fixture(scope="session")
def random_weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one model of the default system, weights drawn at random from a seed."""
    import torch

    from app.imaging import preprocess
    from app.inference import checkpoint
    from app.inference.models.densenet_lstm import DenseNetLstm
    from app.inference.vocabulary import Vocabulary

    vocabulary = Vocabulary.learn(["the heart is normal . no effusion in the lungs ."] * 3)
    with torch.random.fork_rng():
        torch.manual_seed(1)
        model = DenseNetLstm(len(vocabulary), findings=2, hidden=8, embedding=8)
    folder = tmp_path_factory.mktemp("weights")
    checkpoint.save(
        folder / "densenet121-lstm",
        model,
        model_id="densenet121-lstm",
        title="Random weights",
        system="densenet_lstm",
        vocabulary=vocabulary,
        findings=("Effusion", "Mass"),
        preprocessing=preprocess.VERSION,
    )
    return folder


@pytest.fixture(scope="session")
def two_systems(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with random models of two systems, ``looking`` (attention) and ``tracing``
    (Grad-CAM), for images of 64 pixels.
    """
    import torch

    from app.imaging import preprocess
    from app.inference import checkpoint
    from app.inference.models import systems
    from app.inference.vocabulary import Vocabulary

    said = [
        "the heart is normal . no effusion in the lungs .",
        "large right effusion . the heart is normal .",
        "the lungs are clear . no mass .",
    ]
    vocabulary, findings = Vocabulary.learn(said * 3), ("Effusion", "Mass")
    options = {
        "looking": ("densenet_lstm", {"hidden": 8, "embedding": 8}),
        "tracing": ("cascade", {"hidden": 8, "embedding": 8, "label_words": [4, 5]}),
    }
    folder = tmp_path_factory.mktemp("two-systems")
    for seed, (model_id, (system, own)) in enumerate(options.items()):
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            kind = systems.find(system)
            given = kind.arguments(vocabulary, findings) | own | {"image_size": 64}
            checkpoint.save(
                folder / model_id,
                kind(**given),
                model_id=model_id,
                title=f"Random {model_id}",
                system=system,
                vocabulary=vocabulary,
                findings=findings,
                preprocessing=preprocess.version(64),
                drafting={"max_words": 8, "min_words": 3},
            )
    return folder


@pytest.fixture
def two_systems_at_home(home: Path, two_systems: Path) -> Path:
    """The data folder's weights, with the models of two systems as the user's own."""
    (home / "weights").symlink_to(two_systems, target_is_directory=True)
    return home / "weights"


@pytest.fixture
def model_at_home(home: Path, random_weights: Path) -> Path:
    """The data folder, with the random model as the user's own; the folder of that model."""
    (home / "weights").symlink_to(random_weights, target_is_directory=True)
    return home / "weights" / "densenet121-lstm"
