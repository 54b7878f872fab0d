"""Makes core/src/test/resources/golden/layers: for every layer of Keras tiny models with inputs, outputs and gradients.

Needs the packages of requirements-keras2.txt or requirements-keras3.txt; run it once in each environment:
    python parity/layers/make_layers.py [--only TEXT] [--missing] [--out FOLDER]
The installed Keras decides which cases are made. Running it twice gives the same arrays.
"""

import argparse
import importlib
import logging
import os
import pathlib
import sys
import traceback

os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import absl.logging

absl.logging.set_verbosity("error")
logging.getLogger("tensorflow").setLevel("ERROR")

import archive
import golden

FAMILIES = ("core", "convolution", "pooling", "normalization", "merging", "reshaping", "models", "preprocessing", "attention",
            "recurrent", "ops", "oplambda", "applications", "policies")
OUT = pathlib.Path(__file__).resolve().parents[2] / "core/src/test/resources/golden/layers"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", help="make just the cases whose name contains this text")
    parser.add_argument("--missing", action="store_true", help="make just the cases that have no archive yet")
    parser.add_argument("--out", type=pathlib.Path, default=OUT)
    arguments = parser.parse_args()
    golden.tf.config.experimental.enable_op_determinism()
    for family in FAMILIES:
        importlib.import_module(f"cases_{family}")
    failed = 0
    for name, row in golden.TABLE.items():
        target = arguments.out / f"{name}.zip"
        if arguments.only in name and not (arguments.missing and target.exists()):
            try:
                golden.write(row, target)
            except Exception:
                failed += 1
                print(f"FAILED {name}", file=sys.stderr)
                traceback.print_exc()
    remove_stale(arguments.out)
    archive.write_index(arguments.out)
    if failed:
        sys.exit(f"{failed} of {len(golden.TABLE)} cases failed.")


def remove_stale(out):
    """Removes the cases of this Keras that no row makes any more."""
    for archive in out.glob("*-keras3.zip" if golden.KERAS3 else "*-keras2.zip"):
        if archive.stem not in golden.TABLE:
            archive.unlink()


if __name__ == "__main__":
    main()
