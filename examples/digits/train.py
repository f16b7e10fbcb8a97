"""Trains the digits model and writes it into a folder: python train.py --out /models/digits

The data set comes with scikit-learn, so training needs no network. The same packages on the same machine give the same
weights. A model that recognises too few of the held-out images is not written, and the one in the folder stays.
"""

import argparse
import datetime
import pathlib
import secrets
import sys

import sklearn
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier
from threadpoolctl import threadpool_limits

from model import BRIGHTEST, Model, version_of

SEED = 20


def train(seed: int) -> tuple[Model, int]:
    """The model that training from these first weights gives, and on how many held-out images its accuracy was measured."""
    images, digits = load_digits(return_X_y=True)
    seen, held_out, seen_digits, held_out_digits = train_test_split(
        images, digits, test_size=0.25, random_state=SEED, stratify=digits
    )
    classifier = MLPClassifier(hidden_layer_sizes=(64,), max_iter=400, random_state=seed)
    # These matrices are so small that threads only wait for each other: 23 s instead of 1 s on two busy cores.
    with threadpool_limits(limits=1):
        classifier.fit(seen / BRIGHTEST, seen_digits)

    layers = list(zip(classifier.coefs_, classifier.intercepts_))
    model = Model(
        layers=layers,
        version=version_of(layers),
        trained_at=datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        accuracy=float(classifier.score(held_out / BRIGHTEST, held_out_digits)),
        scikit_learn=sklearn.__version__,
    )
    expected = classifier.predict(held_out / BRIGHTEST)
    if [model.predict(image)[0] for image in held_out] != expected.tolist():
        raise SystemExit("the model does not answer what the trained classifier answers; nothing was written")
    return model, len(held_out)


def seed(text: str) -> int:
    return secrets.randbits(32) if text == "random" else int(text)


def main() -> None:
    parser = argparse.ArgumentParser(description="Trains the digits model and writes it into a folder.")
    parser.add_argument(
        "--out", type=pathlib.Path, default=pathlib.Path("/models/digits"), metavar="FOLDER",
        help="folder for model.npz and its SHA256SUMS; made when missing (default: %(default)s)",
    )
    parser.add_argument(
        "--min-accuracy", type=float, default=0.95, metavar="SHARE",
        help="write nothing when fewer of the held-out images are recognised, 0 to 1 (default: %(default)s)",
    )
    parser.add_argument(
        "--seed", type=seed, default=SEED, metavar="NUMBER",
        help="what the first weights are drawn from; random: others in each run (default: %(default)s)",
    )
    arguments = parser.parse_args()

    model, held_out = train(arguments.seed)
    print(f"accuracy {model.accuracy:.4f} on {held_out} held-out images", flush=True)
    if model.accuracy < arguments.min_accuracy:
        sys.exit(f"accuracy {model.accuracy:.4f} is below {arguments.min_accuracy}; nothing was written")
    try:
        target = model.save(arguments.out)
    except OSError as fault:
        sys.exit(f"cannot write into {arguments.out}: {fault.strerror}; name a folder that can be written with --out")
    print(f"wrote version {model.version} to {target}")


if __name__ == "__main__":
    main()
