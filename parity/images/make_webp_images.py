"""Makes WebP files and what libwebp decodes of them for the picture tests.

    python make_webp_images.py [FOLDER]

Needs numpy and pillow; the checked-in files were made with Pillow 13.0.0. FOLDER is core/src/test/resources/golden/webp unless
given. `expected.npz` holds the samples of each file as Pillow reads it: uint8 (height, width, 4), of an animation the first frame.
"""

import io
import struct
import sys
from pathlib import Path

import numpy as np
from PIL import Image

SIZES = [(1, 1), (2, 3), (15, 16), (17, 33), (40, 50)]


def scene(height, width, seed):
    """Waves and noise with saturated fields, whose edges show what is done with chroma; a soft alpha."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    planes = [
        127 + 120 * np.sin(x / 5 + y / 9 + seed),
        127 + 120 * np.cos(y / 4 + seed),
        (x * 5 + y * 3) % 256,
        128 + 400 * np.sin(x / 11) * np.cos(y / 13),
    ]
    pixels = np.stack(planes, -1) + rng.normal(0, 9, (height, width, 4))
    pixels[height // 5 : height // 2, width // 4 : width // 2, :3] = [255, 0, 20]
    pixels[height // 2 : height * 3 // 4, width // 2 :, :3] = [0, 255, 0]
    return pixels.clip(0, 255).astype("u1")


def placed(image, canvas, place, options):
    """An animation of one frame that does not fill its canvas."""
    buffer = io.BytesIO()
    image.save(buffer, "webp", **options)
    chunks = buffer.getvalue()[12:]
    if chunks[:4] == b"VP8X":
        chunks = chunks[18:]

    def three(value):
        return struct.pack("<I", value)[:3]

    def chunk(name, content):
        return name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)

    head = three(place[1] // 2) + three(place[0] // 2) + three(image.width - 1) + three(image.height - 1) + three(100) + b"\2"
    body = b"WEBP" + chunk(b"VP8X", b"\x12\0\0\0" + three(canvas[1] - 1) + three(canvas[0] - 1))
    body += chunk(b"ANIM", b"\0" * 6) + chunk(b"ANMF", head + chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def main():
    default = Path(__file__).resolve().parents[2] / "core/src/test/resources/golden/webp"
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else default
    folder.mkdir(parents=True, exist_ok=True)
    expected = {}

    def add(name, image, **options):
        image.save(folder / name, **options)
        expected[name] = np.asarray(Image.open(folder / name).convert("RGBA"))

    seed = 0
    for height, width in SIZES:
        for quality, method in [(0, 0), (5, 4), (30, 6), (75, 0), (75, 4), (100, 6)]:
            seed += 1
            image = Image.fromarray(scene(height, width, seed)[..., :3])
            add(f"{height}x{width}-{quality}-{method}.webp", image, quality=quality, method=method)
        image = Image.fromarray(scene(height, width, seed))
        add(f"{height}x{width}-alpha.webp", image, quality=60)
        add(f"{height}x{width}-alpha-lossy.webp", image, quality=90, alpha_quality=30)
    frames = [Image.fromarray(scene(21, 30, s)[..., :3]) for s in (1, 2)]
    add("animated.webp", frames[0], save_all=True, append_images=frames[1:], quality=70)
    gray = np.repeat(scene(48, 48, 3)[..., :1], 3, -1)
    add("gray.webp", Image.fromarray(gray), quality=10)
    for seed, (height, width) in enumerate(SIZES + [(67, 131)]):
        for quality, method in [(0, 0), (50, 3), (100, 6)]:
            image = Image.fromarray(scene(height, width, seed)[..., :3])
            add(f"lossless-{height}x{width}-{quality}-{method}.webp", image, lossless=True, quality=quality, method=method)
        image = Image.fromarray(scene(height, width, seed))
        add(f"lossless-{height}x{width}-alpha.webp", image, lossless=True, exact=True)
    for colors in (1, 2, 4, 16, 17, 200):
        image = Image.fromarray(scene(43, 61, colors)[..., :3]).quantize(colors).convert("RGB")
        add(f"lossless-{colors}-colors.webp", image, lossless=True, quality=90)
    for name, options in [("lossy", {"quality": 80}), ("lossless", {"lossless": True, "exact": True})]:
        (folder / f"offset-{name}.webp").write_bytes(placed(Image.fromarray(scene(11, 14, 5)), (33, 40), (6, 10), options))
        expected[f"offset-{name}.webp"] = np.asarray(Image.open(folder / f"offset-{name}.webp").convert("RGBA"))
    np.savez_compressed(folder / "expected.npz", **expected)


if __name__ == "__main__":
    main()
