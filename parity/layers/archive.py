"""Cases as archives, and their index. Needs numpy; runs on Python 3.6 and later, for the sake of old versions of Keras."""

import io
import json
import zipfile

import numpy as np


def write(target, about, models, arrays):
    """Writes a case, unless the archive that is there differs only in the dates of saving."""
    files = dict(sorted(models.items()))
    files["case.json"] = (json.dumps(about, indent=2) + "\n").encode()
    for name, array in sorted(arrays.items()):
        files[name + ".npy"] = npy(array)
    if target.exists() and contents(target.read_bytes()) == {name: comparable(name, data) for name, data in files.items()}:
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(str(target), "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)


def npy(array):
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def contents(data):
    """An archive's files by name, without the date of saving a model."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: comparable(name, archive.read(name)) for name in archive.namelist()}


def comparable(name, data):
    if name.endswith(".keras") and zipfile.is_zipfile(io.BytesIO(data)):
        return contents(data)
    return dict(json.loads(data.decode()), date_saved=None) if name == "metadata.json" else data


def write_index(folder):
    """Lists all cases by name, with what their `case.json` says."""
    lines = []
    for path in sorted(folder.glob("*.zip"), key=lambda path: path.stem):
        with zipfile.ZipFile(str(path)) as archive:
            lines.append("  " + json.dumps(dict({"case": path.name[:-4]}, **json.loads(archive.read("case.json").decode()))))
    (folder / "index.json").write_text("[\n" + ",\n".join(lines) + "\n]\n")
