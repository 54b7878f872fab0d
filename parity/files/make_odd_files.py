"""Writes files that Keras models come in now and then, and files that are made to do harm.

Usage: python make_odd_files.py FOLDER        writes FOLDER/odd.zip

Packages: tensorflow, keras==3.15.1, h5py, numpy.

All but the harmful ones hold one model: two dense layers, "a" with a kernel of (13, 7) and "b" with
one of (7, 3). A weight holds k, k + 1/8, .. k + 7/8, k, .., with k = 1, 2, 3, 4, as in
make_models.py; in bfloat16, whose precision is less, all values are k.
"""

import os
import shutil
import sys
import tempfile
import zipfile

import h5py
import numpy as np

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import keras
from keras.src.legacy.saving import legacy_h5_format


def dense(dtype="float32"):
    start = keras.Input((13,), name="i")
    x = keras.layers.Dense(7, name="a", dtype=dtype)(start)
    x = keras.layers.Dense(3, name="b", dtype=dtype)(x)
    model = keras.Model(start, x, name="dense")
    for k, weight in enumerate(model.weights, 1):
        step = 0 if "bfloat16" in dtype else 8
        values = k + (np.arange(np.prod(weight.shape)) % 8) * step / 64.0
        weight.assign(values.reshape(weight.shape))
    return model


def rewrite(source, target, path="model_weights", **options):
    """Copies a file, its arrays stored in another way."""
    with h5py.File(source) as old, h5py.File(target, "w", **options.pop("file", {})) as new:
        order = options.pop("order", False)

        def copy(frm, to):
            for key, value in frm.attrs.items():
                to.attrs[key] = value
            for name, child in frm.items():
                if isinstance(child, h5py.Group):
                    copy(child, to.create_group(name, track_order=order))
                else:
                    dtype = options.get("dtype", child.dtype)
                    kept = {k: v for k, v in options.items() if k not in ("dtype", "chunks")}
                    chunks = options.get("chunks")
                    if chunks:
                        kept["chunks"] = tuple(map(min, chunks, child.shape))
                    to.create_dataset(name, data=child[()].astype(dtype), **kept)

        copy(old, new)


def replace(archive, target, change):
    """Copies an archive, its weights changed by a function of the open HDF5 file."""
    with zipfile.ZipFile(archive) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "model.weights.h5":
                path = target + ".tmp"
                with open(path, "wb") as file:
                    file.write(data)
                with h5py.File(path, "r+") as file:
                    change(file)
                with open(path, "rb") as file:
                    data = file.read()
                os.remove(path)
            new.writestr(name, data)


def circle(file):
    del file["layers/dense/vars"]
    file["layers/dense/vars"] = file["/"]
    file["layers/dense/again"] = file["layers"]


def soft_link(file):
    del file["layers/dense/vars/0"]
    file["layers/dense/vars/0"] = h5py.SoftLink("/layers/dense_1/vars/0")


def external_link(file):
    del file["layers/dense/vars/0"]
    file["layers/dense/vars/0"] = h5py.ExternalLink("other.h5", "/secret")


def huge(file):
    del file["layers/dense/vars/0"]
    file.create_dataset(
        "layers/dense/vars/0", (1 << 20, 1 << 20), "f4", chunks=(1 << 10, 1 << 10), compression="gzip"
    )


def main(out):
    folder = tempfile.mkdtemp()
    at = lambda name: os.path.join(folder, name)
    for dtype in ("float16", "float64", "bfloat16", "mixed_bfloat16"):
        dense(dtype).save(at(dtype + ".keras"))
        if dtype != "bfloat16":  # h5py cannot write it there.
            dense(dtype).save(at(dtype + ".h5"))
    model = dense()
    model.save(at("plain.h5"))
    model.save(at("plain.keras"))
    rewrite(at("plain.h5"), at("big_endian.h5"), dtype=">f4")
    rewrite(at("plain.h5"), at("big_endian_double.h5"), dtype=">f8")
    rewrite(at("plain.h5"), at("chunks.h5"), chunks=(4, 5))
    rewrite(
        at("plain.h5"), at("packed.h5"), chunks=(5, 2), compression="gzip", shuffle=True, fletcher32=True
    )
    rewrite(at("plain.h5"), at("lzf.h5"), chunks=(5, 2), compression="lzf")
    rewrite(at("plain.h5"), at("latest.h5"), file={"libver": "latest"})
    rewrite(at("plain.h5"), at("latest_packed.h5"), file={"libver": "latest"}, chunks=(5, 2), compression="gzip")
    rewrite(at("plain.h5"), at("ordered.h5"), order=True, file={"track_order": True})
    rewrite(at("plain.h5"), at("user_block.h5"), file={"userblock_size": 1024})
    with zipfile.ZipFile(at("plain.keras")) as old, zipfile.ZipFile(
        at("deflated.keras"), "w", zipfile.ZIP_DEFLATED
    ) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
    legacy_h5_format.HDF5_OBJECT_HEADER_LIMIT = 15
    model.save(at("cut_attributes.h5"))
    replace(at("plain.keras"), at("bad_circle.keras"), circle)
    replace(at("plain.keras"), at("bad_soft_link.keras"), soft_link)
    replace(at("plain.keras"), at("bad_external_link.keras"), external_link)
    replace(at("plain.keras"), at("bad_huge.keras"), huge)
    path = os.path.join(out, "odd.zip")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(os.listdir(folder)):
            archive.write(at(name), name)
    shutil.rmtree(folder)
    print(path, os.path.getsize(path))


main(sys.argv[1])
