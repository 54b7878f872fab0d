"""Makes core/src/test/resources/golden/npz: what NumPy writes, for the reader of .npz files."""

from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parent.parent.parent / "core/src/test/resources/golden/npz"


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    arrays = {
        "x": np.arange(6, dtype="float32").reshape(2, 3),
        "y": np.array([3, 1, 2], dtype="int64"),
        "one": np.float64(7),
        "names": np.array(["cat", "Kätzchen", "🐈"]),
        "layer": np.array("conv5"),
    }
    np.savez(FOLDER / "stored.npz", **arrays)
    np.savez_compressed(FOLDER / "compressed.npz", **arrays)


if __name__ == "__main__":
    main()
