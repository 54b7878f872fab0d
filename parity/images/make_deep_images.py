"""Makes 16-bit images and their samples for the picture tests.

    python make_deep_images.py [FOLDER]

Needs numpy, opencv-python and tifffile; the checked-in files were made with OpenCV 5.0.0 and tifffile 2026.3.3. FOLDER is
core/src/test/resources/golden/deep unless given. `expected.npz` holds the samples of each file, uint16 (height, width, channel),
as OpenCV or tifffile reads it; gray with alpha has four channels. `refused_*` are whole, but of kinds that are not read.
"""

import sys
from pathlib import Path

import cv2
import numpy as np
import tifffile

HEIGHT, WIDTH = 19, 23


def scene():
    rng = np.random.default_rng(5)
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    planes = [0.5 + 0.47 * np.sin(x / 5 + y / 9), 0.5 + 0.47 * np.cos(y / 4), (x * 5 + y * 3) % 256 / 255, (x + y) / 42]
    return ((np.stack(planes, -1) + rng.normal(0, 0.02, (HEIGHT, WIDTH, 4))).clip(0, 1) * 65535).astype("u2")


def main():
    default = Path(__file__).resolve().parents[2] / "core/src/test/resources/golden/deep"
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else default
    folder.mkdir(parents=True, exist_ok=True)
    s = scene()
    expected = {}

    def opencv(name, pixels):
        cv2.imwrite(str(folder / name), pixels)
        read = cv2.imread(str(folder / name), cv2.IMREAD_UNCHANGED)
        if read.ndim == 2:
            read = read[..., None]
        expected[name] = read if read.shape[2] == 1 else read[..., [2, 1, 0, 3][: read.shape[2]]]

    def tiff(name, pixels, channels_first=False, **options):
        tifffile.imwrite(folder / name, pixels, **options)
        read = tifffile.imread(folder / name)
        if channels_first:
            read = np.moveaxis(read, 0, -1)
        if read.ndim == 2:
            read = read[..., None]
        if options.get("photometric") == "miniswhite":
            read = 65535 - read
        expected[name] = read[..., [0, 0, 0, 1]] if read.shape[2] == 2 else read

    opencv("gray.png", s[..., 0])
    opencv("rgb.png", s[..., :3])
    opencv("rgba.png", s)
    opencv("scan12.png", s[..., 0] >> 4)
    opencv("opencv_gray.tif", s[..., 0])  # LZW with predictor 2
    opencv("opencv_rgb.tif", s[..., :3])
    opencv("opencv_rgba.tif", s)
    deflate = {"compression": "zlib", "predictor": True}
    lzw = {"compression": "lzw", "predictor": True}
    tiff("deflate_big_endian.tif", s[..., :3], photometric="rgb", byteorder=">", **deflate)
    tiff("strips.tif", s[..., :3], photometric="rgb", rowsperstrip=7, **lzw)
    tiff("tiles.tif", s[..., :3], photometric="rgb", tile=(16, 16), **deflate)
    planes = np.moveaxis(s[..., :3], -1, 0).copy()
    tiff("planes.tif", planes, True, photometric="rgb", planarconfig="separate", **lzw)
    tiff("white_is_zero.tif", s[..., 0], photometric="miniswhite", **lzw)
    gray_alpha = s[..., [0, 3]]
    tiff("gray_alpha.tif", gray_alpha, photometric="minisblack", planarconfig="contig", extrasamples=["unassalpha"], **lzw)
    tiff("plain.tif", s[..., :3], photometric="rgb")
    tiff("refused_float.tif", s[..., 0].astype("f4"), photometric="minisblack", compression="zlib", predictor=3)
    tiff("refused_32.tif", s[..., 0].astype("u4"), photometric="minisblack", **lzw)
    tiff("refused_signed.tif", (s[..., 0] >> 1).astype("i2"), photometric="minisblack", **lzw)
    tiff("refused_zstandard.tif", s[..., 0], photometric="minisblack", compression="zstd")
    np.savez_compressed(
        folder / "expected.npz", **{name: a for name, a in expected.items() if not name.startswith("refused")}
    )


if __name__ == "__main__":
    main()
