"""Writes the archives of core/src/test/resources/golden/heads: a model, an input, its output, the logits and their gradients."""

import io
import pathlib
import zipfile

import numpy as np

OUT = pathlib.Path(__file__).resolve().parents[2] / "core/src/test/resources/golden/heads"


def pack(out, name, model, arrays):
    """An archive that is the same whenever it is made."""
    out.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(out / f"{name}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        def add(entry, data):
            archive.writestr(zipfile.ZipInfo(entry, (1980, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)

        add(model[0], model[1])
        for entry, array in arrays.items():
            buffer = io.BytesIO()
            np.save(buffer, np.ascontiguousarray(array))
            add(f"{entry}.npy", buffer.getvalue())
