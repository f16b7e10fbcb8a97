"""The digits model as train.py writes it and serve.py reads it.

The file holds arrays and one JSON text, no pickled objects: reading it cannot run code, and it is read by any version
of numpy, whichever scikit-learn trained it.
"""

import hashlib
import io
import json
import os
import pathlib
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

PIXELS = 64
BRIGHTEST = 16
FILE_NAME = "model.npz"
# Last to be written: whoever copies the folder takes the files only when they fit what is written here.
CHECKSUMS = "SHA256SUMS"


class ModelFault(Exception):
    """A model file that cannot be used; the text says which and why."""


@dataclass(frozen=True)
class Model:
    """A trained perceptron: rectified layers, then one score for each digit."""

    # (weights, bias) of each layer, first to last.
    layers: list[tuple[np.ndarray, np.ndarray]]
    # Hash of the weights: the same weights have the same version wherever they were trained.
    version: str
    trained_at: str
    # Share of held-out images recognised when it was trained, 0 to 1.
    accuracy: float
    scikit_learn: str

    def predict(self, pixels: Sequence[float]) -> tuple[int, float]:
        """The digit in an image of 8 rows of 8 pixels, each 0 to 16, and how sure the model is, 0 to 1."""
        activation = np.asarray(pixels, dtype=np.float64) / BRIGHTEST
        for weights, bias in self.layers[:-1]:
            activation = np.maximum(activation @ weights + bias, 0)
        weights, bias = self.layers[-1]
        scores = activation @ weights + bias
        likelihood = np.exp(scores - scores.max())
        digit = int(likelihood.argmax())
        return digit, float(likelihood[digit] / likelihood.sum())

    def save(self, folder: pathlib.Path) -> pathlib.Path:
        """Writes the model and its checksum into the folder; a reader sees old files or new ones, never half of one."""
        metadata = {
            "version": self.version,
            "trainedAt": self.trained_at,
            "accuracy": self.accuracy,
            "scikitLearn": self.scikit_learn,
        }
        arrays = {"metadata": np.array(json.dumps(metadata))}
        for index, (weights, bias) in enumerate(self.layers):
            arrays[f"weights{index}"] = weights
            arrays[f"bias{index}"] = bias
        content = io.BytesIO()
        np.savez(content, **arrays)
        folder.mkdir(parents=True, exist_ok=True)
        target = folder / FILE_NAME
        write_whole(target, content.getvalue())
        checksum = hashlib.sha256(content.getvalue()).hexdigest()
        write_whole(folder / CHECKSUMS, f"{checksum}  {FILE_NAME}\n".encode())
        return target


def write_whole(target: pathlib.Path, content: bytes) -> None:
    """Writes a file that is there whole or not at all, also after a crash."""
    half = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with half.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        half.replace(target)
    finally:
        half.unlink(missing_ok=True)


def version_of(layers: list[tuple[np.ndarray, np.ndarray]]) -> str:
    """Twelve hex digits that name these weights."""
    digest = hashlib.sha256()
    for weights, bias in layers:
        digest.update(np.ascontiguousarray(weights).tobytes())
        digest.update(np.ascontiguousarray(bias).tobytes())
    return digest.hexdigest()[:12]


def load(path: str) -> Model:
    """Reads a model that :meth:`Model.save` wrote; raises :class:`ModelFault` when there is none."""
    try:
        content = pathlib.Path(path).read_bytes()
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            metadata = json.loads(str(arrays["metadata"]))
            depth = sum(name.startswith("weights") for name in arrays.files)
            layers = [(arrays[f"weights{index}"], arrays[f"bias{index}"]) for index in range(depth)]
            model = Model(
                layers=layers,
                version=metadata["version"],
                trained_at=metadata["trainedAt"],
                accuracy=metadata["accuracy"],
                scikit_learn=metadata["scikitLearn"],
            )
    except OSError as fault:
        raise ModelFault(f"no model at {path}: {fault.strerror or fault}") from fault
    except (ValueError, KeyError, TypeError, AttributeError, EOFError, zipfile.BadZipFile) as fault:
        raise ModelFault(f"{path} is not a model that train.py wrote: {fault}") from fault
    return model
