"""Makes the image files and the expected samples of the picture tests.

    python make_images.py [FOLDER]

Needs keras (3.x, any backend), numpy and pillow; the checked-in files were made with Keras 3.15.1 and Pillow 13.0.0.
FOLDER is core/src/test/resources/golden/images unless given. Image files are written beside `expected.npz`, which holds what
`keras.utils.load_img` gives for them: one array per case, named

    file,color_mode,height,width,interpolation,keep_aspect_ratio        (0,0 where the size stays)

What Pillow cannot write (16-bit RGB, interlaced PNG, 16-bit BMP, ...) is put together here by hand.
"""

import io
import itertools
import struct
import sys
import zlib
from pathlib import Path

import numpy as np
from keras.utils import img_to_array, load_img
from PIL import Image

HEIGHT, WIDTH = 27, 35
INTERPOLATIONS = ["nearest", "bilinear", "bicubic", "box", "hamming", "lanczos"]


def scene(height=HEIGHT, width=WIDTH, channels=3, seed=0):
    """Waves, edges and noise; the last of four channels is a soft alpha with clear and opaque parts."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    planes = [
        127 + 120 * np.sin(x / 5 + y / 9 + seed),
        127 + 120 * np.cos(y / 4 + seed),
        (x * 5 + y * 3) % 256,
        np.clip(400 * np.sin(x / 11) * np.cos(y / 13), 0, 255),
    ]
    pixels = np.stack(planes[:channels], -1) + rng.normal(0, 9, (height, width, channels))
    pixels[5:13, 10:21, : min(3, channels)] = [255, 0, 20][: min(3, channels)]
    return pixels.clip(0, 255).astype("uint8")


def chunk(name, content):
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png(pixels, bits, color_type, interlaced=False, extra=b""):
    """A PNG of unfiltered rows; pixels are (height, width, channels) unsigned integers of the given bits."""
    height, width = pixels.shape[:2]

    def rows(part):
        out = b""
        for row in part:
            if bits == 16:
                out += b"\0" + row.astype(">u2").tobytes()
            elif bits == 8:
                out += b"\0" + row.astype("u1").tobytes()
            else:
                unpacked = (row.reshape(-1, 1) >> np.arange(bits - 1, -1, -1)) & 1
                out += b"\0" + np.packbits(unpacked.astype("u1").ravel()).tobytes()
        return out

    if interlaced:
        passes = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)]
        parts = [pixels[y::dy, x::dx] for y, x, dy, dx in passes]
        data = b"".join(rows(p) for p in parts if p.shape[0] and p.shape[1])
    else:
        data = rows(pixels)
    header = struct.pack(">IIBBBBB", width, height, bits, color_type, 0, 0, int(interlaced))
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + extra
        + chunk(b"IDAT", zlib.compress(data, 9))
        + chunk(b"IEND", b"")
    )


def bmp(pixels, bits, masks=None):
    """A bottom-up BMP of 16 or 32 bits a pixel; with masks, BI_BITFIELDS."""
    height, width = pixels.shape
    row = (width * bits // 8 + 3) // 4 * 4
    body = b"".join(
        pixels[y].astype("<u2" if bits == 16 else "<u4").tobytes().ljust(row, b"\0") for y in range(height - 1, -1, -1)
    )
    fields = struct.pack("<%dI" % len(masks), *masks) if masks else b""
    info = struct.pack(
        "<IiiHHIIiiII", 40, width, height, 1, bits, 3 if masks else 0, len(body), 2835, 2835, 0, 0
    )
    offset = 14 + len(info) + len(fields)
    return b"BM" + struct.pack("<IHHI", offset + len(body), 0, 0, offset) + info + fields + body


def gif_on_screen(frame, screen, left, top, transparency):
    """A GIF whose only frame is smaller than its logical screen."""
    buffer = io.BytesIO()
    options = {} if transparency is None else {"transparency": transparency}
    frame.save(buffer, "GIF", **options)
    data = bytearray(buffer.getvalue())
    data[6:10] = struct.pack("<HH", *screen)
    at = 13 + (3 << ((data[10] & 7) + 1) if data[10] & 0x80 else 0)
    while data[at] == 0x21:
        at += 2
        while data[at]:
            at += 1 + data[at]
        at += 1
    data[at + 1 : at + 5] = struct.pack("<HH", left, top)
    return bytes(data)


def jpegs():
    rgb = Image.fromarray(scene())
    for name, subsampling in [("444", 0), ("422", 1), ("420", 2)]:
        yield f"{name}.jpg", rgb, {"quality": 85, "subsampling": subsampling}
    yield "low.jpg", rgb, {"quality": 20, "subsampling": 2}
    yield "progressive.jpg", rgb, {"quality": 80, "progressive": True}
    yield "restart.jpg", rgb, {"restart_marker_blocks": 3}
    yield "stored_rgb.jpg", rgb, {"keep_rgb": True}
    yield "gray.jpg", rgb.convert("L"), {}
    cmyk = Image.fromarray(scene(channels=4), "CMYK")
    yield "cmyk.jpg", cmyk, {"quality": 90}
    buffer = io.BytesIO()
    cmyk.save(buffer, "JPEG", quality=90)
    data = bytearray(buffer.getvalue())
    data[data.index(b"Adobe") + 11] = 2  # says YCCK instead of CMYK
    yield "ycck.jpg", bytes(data), {}
    small = Image.fromarray(scene(9, 14))
    for orientation in range(1, 9):
        yield f"orientation{orientation}.jpg", small, {"exif": exif(orientation), "quality": 90}


def exif(orientation):
    data = Image.Exif()
    data[0x0112] = orientation
    return data


def pngs():
    rgb, rgba = Image.fromarray(scene()), Image.fromarray(scene(channels=4))
    yield "rgb.png", rgb, {}
    yield "rgba.png", rgba, {}
    yield "gray.png", rgb.convert("L"), {}
    yield "gray_alpha.png", rgba.convert("LA"), {}
    yield "palette.png", rgb.quantize(40), {}
    yield "palette_alpha.png", rgb.quantize(40), {"transparency": bytes(range(0, 240, 6))}
    yield "bilevel.png", rgb.convert("1"), {}
    yield "orientation6.png", Image.fromarray(scene(9, 14)), {"exif": exif(6)}
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    yield "gray2.png", png(((x + y) % 4)[..., None], 2, 0), {}
    yield "gray4.png", png(((x + 2 * y) % 16)[..., None], 4, 0), {}
    deep = scene(channels=4).astype("u2") * 257 - 100 * (scene(channels=4) > 100)
    yield "gray16.png", png(deep[..., :1], 16, 0), {}
    yield "gray16_dark.png", png(deep[..., :1] // 150, 16, 0), {}
    yield "gray_alpha16.png", png(deep[..., [0, 3]], 16, 4), {}
    yield "rgb16.png", png(deep[..., :3], 16, 2), {}
    yield "rgba16.png", png(deep, 16, 6), {}
    yield "interlaced.png", png(scene(), 8, 2, interlaced=True), {}
    yield "gray_key.png", png(scene()[..., 1:2] // 32 * 32, 8, 0, extra=chunk(b"tRNS", b"\0\x60")), {}
    yield "rgb_key.png", png(scene() // 128 * 128, 8, 2, extra=chunk(b"tRNS", b"\0\x80\0\0\0\x80")), {}
    yield "gamma.png", png(scene(), 8, 2, extra=chunk(b"gAMA", struct.pack(">I", 100000))), {}


def gifs():
    frames = [Image.fromarray(scene(seed=s)).quantize(64) for s in range(3)]
    yield "plain.gif", frames[0], {}
    yield "transparent.gif", frames[0], {"transparency": 7}
    yield "animated.gif", frames[0], {"save_all": True, "append_images": frames[1:], "duration": 50}
    small = Image.fromarray(scene(11, 17)).quantize(16)
    yield "on_screen.gif", gif_on_screen(small, (25, 19), 3, 5, None), {}
    yield "on_screen_transparent.gif", gif_on_screen(small, (25, 19), 3, 5, 4), {}


def bmps():
    rgb = Image.fromarray(scene())
    yield "rgb.bmp", rgb, {}
    yield "palette.bmp", rgb.quantize(200), {}
    yield "gray.bmp", rgb.convert("L"), {}
    yield "bilevel.bmp", rgb.convert("1"), {}
    yield "rgba.bmp", Image.fromarray(scene(channels=4)), {}
    s = scene().astype("u4")
    yield "rgb555.bmp", bmp(s[..., 0] >> 3 << 10 | s[..., 1] >> 3 << 5 | s[..., 2] >> 3, 16), {}
    yield "rgb565.bmp", bmp(s[..., 0] >> 3 << 11 | s[..., 1] >> 2 << 5 | s[..., 2] >> 3, 16, (0xF800, 0x7E0, 0x1F)), {}


def tiffs():
    rgb, rgba = Image.fromarray(scene()), Image.fromarray(scene(channels=4))
    yield "rgb.tif", rgb, {}
    yield "lzw.tif", rgb, {"compression": "tiff_lzw"}
    yield "deflate.tif", rgb, {"compression": "tiff_adobe_deflate"}
    yield "packbits.tif", rgb, {"compression": "packbits"}
    yield "jpeg.tif", rgb, {"compression": "jpeg", "quality": 90}
    yield "rgba.tif", rgba, {}
    yield "gray.tif", rgb.convert("L"), {}
    yield "gray16.tif", Image.fromarray(scene(channels=4)[..., 0].astype("u2") * 200), {}
    yield "palette.tif", rgb.quantize(40), {}
    yield "bilevel.tif", rgb.convert("1"), {}
    yield "group4.tif", rgb.convert("1"), {"compression": "group4"}
    yield "cmyk.tif", Image.fromarray(scene(channels=4), "CMYK"), {}
    yield "white_is_zero.tif", rgb.convert("L"), {"tiffinfo": {262: 0}}
    yield "pages.tif", rgb, {"save_all": True, "append_images": [rgb.transpose(Image.Transpose.ROTATE_90)]}
    for orientation in (2, 6):
        yield f"orientation{orientation}.tif", Image.fromarray(scene(9, 14)), {"tiffinfo": {0x0112: orientation}}


def webps():
    rgb, rgba = Image.fromarray(scene()), Image.fromarray(scene(channels=4))
    yield "lossless.webp", rgb, {"lossless": True}
    yield "lossless_alpha.webp", rgba, {"lossless": True, "exact": True}
    yield "lossy.webp", rgb, {"quality": 80}
    yield "lossy_low.webp", rgb, {"quality": 5}
    yield "lossy_alpha.webp", rgba, {"quality": 80}
    yield "animated.webp", rgb, {"save_all": True, "append_images": [Image.fromarray(scene(seed=1))], "lossless": True}
    yield "orientation6.webp", Image.fromarray(scene(9, 14)), {"exif": exif(6), "lossless": True}


def expected(folder, file, mode, size, interpolation, keep):
    image = load_img(
        folder / file,
        color_mode=mode,
        target_size=size if size[0] else None,
        interpolation=interpolation,
        keep_aspect_ratio=keep,
    )
    array = img_to_array(image)
    name = ",".join(map(str, (file, mode, *size, interpolation, keep)))
    return name, array.astype("u2" if array.max() > 255 else "u1")


def cases(files):
    for file, mode in itertools.product(files, ["rgb", "grayscale", "rgba"]):
        yield file, mode, (0, 0), "nearest", False
    sizes = [(10, 13), (50, 41), (13, 60), (27, 20), (16, 35), (1, 1)]
    sources = [("rgb.png", "rgb"), ("rgba.png", "rgba"), ("gray.png", "grayscale"), ("gray16.png", "grayscale")]
    for (file, mode), size, interpolation in itertools.product(sources, sizes, INTERPOLATIONS):
        yield file, mode, size, interpolation, False
    for size, interpolation in itertools.product([(16, 16), (50, 20), (27, 27), (7, 60)], INTERPOLATIONS):
        yield "rgb.png", "rgb", size, interpolation, True
    for file in ["420.jpg", "palette.png", "cmyk.jpg", "gray16.png", "on_screen.gif"]:
        yield file, "rgb", (24, 24), "bilinear", False


def main():
    default = Path(__file__).resolve().parents[2] / "core/src/test/resources/golden/images"
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else default
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for file, content, options in itertools.chain(jpegs(), pngs(), gifs(), bmps(), tiffs(), webps()):
        if isinstance(content, bytes):
            (folder / file).write_bytes(content)
        else:
            content.save(folder / file, **options)
        files.append(file)
    np.savez_compressed(folder / "expected.npz", **dict(expected(folder, *case) for case in cases(files)))


if __name__ == "__main__":
    main()
