#!/usr/bin/env python3
"""Draws scenes of textured shapes, with a mask of what is visible of every shape.

Needs: numpy 2.4, pillow 13.

A scene is a function of (seed, number): the same pair gives the same picture. Two to four shapes lie on a cluttered
background. The kind of a shape is its outline alone: texture, colour, size, place and rotation are drawn without looking
at the kind.

    scenes.py samples samples                the dozen sample scenes, their masks, samples.json
    scenes.py arrays FOLDER                  the 500 held-out scenes: x.npy, y.npy, masks.npy
    scenes.py heldout                        draws the held-out scenes and writes heldout.json: seed, count, SHA-256
    scenes.py sheet sheet.png --count 48     a contact sheet, to look at
"""

import argparse
import colorsys
import hashlib
import json
import math
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

SIZE = 96
HELD_OUT_SEED = 500
HELD_OUT_COUNT = 500
# The held-out scenes shown as samples, chosen for variety by looking at the first 36 of them, before any model had seen them.
SAMPLES = [0, 2, 4, 5, 6, 8, 15, 19, 23, 25, 29, 30]
HERE = Path(__file__).resolve().parent

# A shape is dropped or placed anew rather than shown with less of its area than this (cut off by the border, or hidden).
LEAST_VISIBLE = 0.65
# Shapes are drawn this much larger and averaged down, which smooths their edges.
OVERSAMPLING = 4


# Outlines. Each gives one or two closed polygons about the origin; a second polygon is a hole. The factors give all kinds
# about the same area at the same size.


def _circle(radius, count=64, x=0.0, y=0.0, start=0.0, end=2 * math.pi):
    angle = np.linspace(start, end, count, endpoint=False)
    return np.stack([x + radius * np.cos(angle), y + radius * np.sin(angle)], axis=1)


def _arrow(rng):
    shaft = rng.uniform(0.2, 0.27)
    neck = rng.uniform(-0.05, 0.12)
    points = [(1, 0), (neck, 0.82), (neck, shaft), (-1, shaft), (-1, -shaft), (neck, -shaft), (neck, -0.82)]
    return [1.2 * np.array(points)]


def _crescent(rng):
    # The disc of radius 1 without a disc of radius `bite` about (shift, 0): two arcs between the points where they meet.
    bite, shift = rng.uniform(0.78, 0.84), rng.uniform(0.48, 0.54)
    x = (1 + shift**2 - bite**2) / (2 * shift)
    outer = math.acos(x)
    inner = math.atan2(math.sqrt(1 - x**2), x - shift)
    back = np.linspace(2 * math.pi - inner, inner, 40)
    hollow = np.stack([shift + bite * np.cos(back), bite * np.sin(back)], axis=1)
    return [1.12 * (np.concatenate([_circle(1, 48, start=outer, end=2 * math.pi - outer), hollow]) + [0.2, 0])]


def _cross(rng):
    arm = rng.uniform(0.29, 0.36)
    corner = [(1, -arm), (1, arm), (arm, arm)]
    turns = [((0, 1), (-1, 0)), ((-1, 0), (0, -1)), ((0, -1), (1, 0))]
    points = np.array(corner)
    return [0.99 * np.concatenate([points] + [points @ np.array(turn, float) for turn in turns])]


def _disc(rng):
    return [_circle(0.86)]


def _heart(rng):
    t = np.linspace(0, 2 * math.pi, 64, endpoint=False)
    x = 16 * np.sin(t) ** 3
    y = -(13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t))
    return [0.063 * np.stack([x, y - 1.5], axis=1)]


def _leaf(rng):
    # Two arcs of one radius, meeting in two tips.
    half = rng.uniform(0.88, 0.98)
    radius = 1 / math.sin(half)
    arc = np.linspace(-half, half, 32, endpoint=False)
    upper = np.stack([radius * np.sin(arc), radius * np.cos(arc) - radius * math.cos(half)], axis=1)
    return [1.25 * np.concatenate([upper, -upper])]


def _ring(rng):
    return [_circle(0.98), _circle(0.98 * rng.uniform(0.46, 0.56))]


def _square(rng):
    return [0.76 * np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)], float)]


def _star(rng):
    radius = np.tile([1, rng.uniform(0.42, 0.5)], 5)
    return [1.22 * radius[:, None] * _circle(1, 10)]


def _triangle(rng):
    return [1.22 * _circle(1, 3)]


OUTLINES = {
    "arrow": _arrow,
    "crescent": _crescent,
    "cross": _cross,
    "disc": _disc,
    "heart": _heart,
    "leaf": _leaf,
    "ring": _ring,
    "square": _square,
    "star": _star,
    "triangle": _triangle,
}
CLASSES = list(OUTLINES)


# Textures. Each gives the share of the second colour, (height, width) in 0..1, over a patch of pixel offsets (x, y) from
# the shape's centre.


def _turned(rng, x, y):
    angle = rng.uniform(0, 2 * math.pi)
    return x * math.cos(angle) + y * math.sin(angle), y * math.cos(angle) - x * math.sin(angle)


def _soft(wave, softness=0.35):
    return np.clip(0.5 + wave / softness, 0, 1)


def _plain(rng, x, y, radius):
    return np.full(x.shape, rng.uniform(0, 0.3))


def _stripes(rng, x, y, radius):
    u, _ = _turned(rng, x, y)
    return _soft(np.sin(u * 2 * math.pi / rng.uniform(4.5, 9) + rng.uniform(0, 6)))


def _checks(rng, x, y, radius):
    u, v = _turned(rng, x, y)
    step = math.pi / rng.uniform(3.5, 6)
    return _soft(np.sin(u * step + rng.uniform(0, 6)) * np.sin(v * step + rng.uniform(0, 6)), 0.25)


def _dots(rng, x, y, radius):
    u, v = _turned(rng, x, y)
    step = rng.uniform(5, 7.5)
    u, v = u + rng.uniform(0, step), v + rng.uniform(0, step)
    return _soft(0.31 * step - np.hypot(u % step - step / 2, v % step - step / 2), 1.2)


def _fade(rng, x, y, radius):
    u, _ = _turned(rng, x, y)
    return np.clip(0.5 + u / (2 * radius), 0, 1)


def _glow(rng, x, y, radius):
    return np.clip(np.hypot(x - rng.uniform(-6, 6), y - rng.uniform(-6, 6)) / (1.3 * radius), 0, 1)


def _waves(rng, x, y, radius):
    u, v = _turned(rng, x, y)
    bent = u + rng.uniform(1, 2) * np.sin(v * 2 * math.pi / rng.uniform(8, 14))
    return _soft(np.sin(bent * 2 * math.pi / rng.uniform(5, 8) + rng.uniform(0, 6)))


def _speckle(rng, x, y, radius):
    coarse = rng.random((x.shape[0] // 2 + 1, x.shape[1] // 2 + 1)).repeat(2, axis=0).repeat(2, axis=1)
    return coarse[: x.shape[0], : x.shape[1]] ** 1.5


TEXTURES = [_plain, _stripes, _checks, _dots, _fade, _glow, _waves, _speckle]


@dataclass(frozen=True)
class Scene:
    """A picture (96, 96, 3) uint8; its shapes, lowest first; and what is visible of each, (96, 96) bool."""

    picture: np.ndarray
    kinds: list[str]
    masks: list[np.ndarray]

    def labels(self):
        """1 for every kind that the scene shows, (class) uint8."""
        return np.array([name in self.kinds for name in CLASSES], np.uint8)

    def class_masks(self):
        """What is visible of all shapes of a kind, (height, width, class) uint8 of 0 and 1."""
        masks = np.zeros((SIZE, SIZE, len(CLASSES)), np.uint8)
        for kind, mask in zip(self.kinds, self.masks):
            masks[..., CLASSES.index(kind)] |= mask
        return masks

    def index_mask(self):
        """0 for the background, n for the n-th shape, (height, width) uint8."""
        index = np.zeros((SIZE, SIZE), np.uint8)
        for number, mask in enumerate(self.masks, start=1):
            index[mask] = number
        return index


def _rgb(hue, saturation, value):
    return 255 * np.array(colorsys.hsv_to_rgb(hue % 1, min(max(saturation, 0), 1), min(max(value, 0), 1)))


def _lightness(colour):
    return float(colour @ [0.299, 0.587, 0.114])


def _smooth_noise(rng, cells, channels=3):
    grid = rng.random((cells, cells, channels)).astype(np.float32)
    planes = [Image.fromarray(grid[..., c]).resize((SIZE, SIZE), Image.Resampling.BICUBIC) for c in range(channels)]
    return np.stack([np.asarray(plane) for plane in planes], axis=-1) - 0.5


_Y, _X = np.mgrid[0:SIZE, 0:SIZE].astype(np.float64)


def _background(rng):
    hue, value = rng.random(), rng.uniform(0.2, 0.9)
    first = _rgb(hue, rng.uniform(0.05, 0.45), value)
    second = _rgb(hue + rng.uniform(-0.2, 0.2), rng.uniform(0.05, 0.5), value + rng.uniform(-0.3, 0.3))
    if rng.random() < 0.7:
        u, _ = _turned(rng, _X - SIZE / 2, _Y - SIZE / 2)
        share = np.clip(0.5 + u / SIZE, 0, 1)
    else:
        share = np.clip(np.hypot(_X - rng.uniform(0, SIZE), _Y - rng.uniform(0, SIZE)) / SIZE, 0, 1)
    picture = first + share[..., None] * (second - first)
    picture += rng.uniform(10, 60) * _smooth_noise(rng, int(rng.integers(3, 9)))
    picture += rng.uniform(0, 40) * _smooth_noise(rng, int(rng.integers(12, 40)), 1)

    canvas = Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8)).resize((2 * SIZE, 2 * SIZE))
    draw = ImageDraw.Draw(canvas, "RGBA")
    for _ in range(rng.integers(0, 5)):
        _blob(rng, draw, hue)
    for _ in range(rng.integers(0, 7)):
        _line(rng, draw)
    for _ in range(rng.integers(3, 14)):
        _fragment(rng, draw)
    return np.asarray(canvas.reduce(2)).astype(np.float64)


def _ink(rng, saturation, opacity):
    colour = _rgb(rng.random(), saturation, rng.uniform(0.2, 1))
    return (*(int(c) for c in colour), int(255 * opacity))


def _blob(rng, draw, hue):
    # A lumpy, half-transparent patch with no outline of its own to know it by.
    x, y = rng.uniform(0, 2 * SIZE, 2)
    wobble = np.interp(np.arange(36), np.arange(0, 37, 4), np.append(w := rng.uniform(0.6, 1.3, 9), w[0]))
    points = _circle(rng.uniform(14, 46), 36) * wobble[:, None] * [1, rng.uniform(0.5, 1)] + [x, y]
    colour = _rgb(hue + rng.uniform(-0.15, 0.15), rng.uniform(0.1, 0.5), rng.uniform(0.2, 0.95))
    draw.polygon([tuple(p) for p in points], fill=(*(int(c) for c in colour), int(rng.uniform(30, 110))))


def _line(rng, draw):
    ends = rng.uniform(-20, 2 * SIZE + 20, (2, 2))
    middle = ends.mean(axis=0) + rng.normal(0, 25, 2)
    t = np.linspace(0, 1, 16)[:, None]
    curve = (1 - t) ** 2 * ends[0] + 2 * t * (1 - t) * middle + t**2 * ends[1]
    draw.line([tuple(p) for p in curve], fill=_ink(rng, rng.uniform(0.1, 0.8), rng.uniform(0.3, 0.9)), width=int(rng.integers(1, 5)))


def _fragment(rng, draw):
    # Splinters, short arcs, elbows: pieces too small or too incomplete to be one of the kinds.
    x, y = rng.uniform(0, 2 * SIZE, 2)
    ink = _ink(rng, rng.uniform(0.3, 1), rng.uniform(0.6, 1))
    piece = rng.integers(4)
    if piece == 0:
        angle = np.sort(rng.uniform(0, 2 * math.pi, 4))
        points = rng.uniform(2, 9, 4)[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1) + [x, y]
        draw.polygon([tuple(p) for p in points], fill=ink)
    elif piece == 1:
        radius, start = rng.uniform(8, 22), rng.uniform(0, 360)
        box = (x - radius, y - radius, x + radius, y + radius)
        draw.arc(box, start, start + rng.uniform(40, 120), fill=ink, width=int(rng.integers(2, 6)))
    elif piece == 2:
        points = np.cumsum(np.vstack([[x, y], rng.normal(0, 9, (2, 2))]), axis=0)
        draw.line([tuple(p) for p in points], fill=ink, width=int(rng.integers(2, 6)), joint="curve")
    else:
        for px, py in rng.normal([x, y], 9, (5, 2)):
            draw.rectangle((px, py, px + 2, py + 2), fill=ink)


def _coverage(polygons, angle, radius, offset, outline_width):
    """How much of each pixel of a patch the shape and its rim cover, both (side, side) in 0..1."""
    half = int(radius * 1.45) + 3
    side = 2 * half
    turn = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    paths = [[tuple(p) for p in OVERSAMPLING * ((polygon @ turn) * radius + half + offset)] for polygon in polygons]
    fill = Image.new("L", (side * OVERSAMPLING,) * 2)
    rim = Image.new("L", fill.size)
    ImageDraw.Draw(fill).polygon(paths[0], fill=255)
    for hole in paths[1:]:
        ImageDraw.Draw(fill).polygon(hole, fill=0)
    for path in paths:
        ImageDraw.Draw(rim).line(path + path[:2], fill=255, width=round(2 * outline_width * OVERSAMPLING))
    shares = [np.asarray(image.reduce(OVERSAMPLING)) / 255.0 for image in (fill, rim)]
    return shares[0], np.minimum(*shares), half


def _colours(rng, under):
    """Two colours of a shape that stand out from the mean colour under it."""
    for _ in range(30):
        hue, saturation, value = rng.random(), rng.uniform(0.35, 1), rng.uniform(0.3, 1)
        first = _rgb(hue, saturation, value)
        way = -1 if value > 0.65 else 1
        second = _rgb(hue + rng.choice([0, 0, rng.uniform(-0.3, 0.3)]), saturation * rng.uniform(0.3, 1.1), value + way * rng.uniform(0.25, 0.55))
        mean = (first + second) / 2
        if abs(_lightness(mean) - _lightness(under)) > 30 and np.linalg.norm(mean - under) > 75:
            break
    return first, second


def _window(half, x, y):
    """The part of the picture that a patch about (x, y) covers, and the part of the patch that is in the picture."""
    left, top = x - half, y - half
    picture = (slice(max(top, 0), min(top + 2 * half, SIZE)), slice(max(left, 0), min(left + 2 * half, SIZE)))
    patch = tuple(slice(s.start - o, s.stop - o) for s, o in zip(picture, (top, left)))
    return picture, patch


def _place(rng, placed, radius):
    """A centre that overlaps the shapes placed before at most partly, or none."""
    x, y = rng.uniform(0.75 * radius, SIZE - 0.75 * radius, 2)
    if all(math.hypot(x - px, y - py) > 0.68 * (radius + pr) for px, py, pr in placed):
        return x, y
    return None


def scene(seed, number):
    """Draws scene `number` of the endless row of scenes that `seed` stands for."""
    rng = np.random.default_rng([seed, number])
    picture = _background(rng)
    kinds, masks, areas, placed = [], [], [], []
    wanted = int(rng.integers(2, 5))
    for attempt in range(400):
        if len(kinds) == wanted:
            break
        # After many failures the shapes left to place become smaller.
        radius = rng.uniform(12.5, 20) * (1 if attempt < 100 else 0.8)
        place = _place(rng, placed, radius)
        if place is None:
            continue
        kind = CLASSES[rng.integers(len(CLASSES))]
        x, y = (int(c) for c in place)
        offset = np.array(place) - [x, y]
        outline = rng.uniform(0.8, 1.5)
        fill, rim, half = _coverage(OUTLINES[kind](rng), rng.uniform(0, 2 * math.pi), radius, offset, outline)
        window, patch = _window(half, x, y)
        mask = np.zeros((SIZE, SIZE), bool)
        mask[window] = fill[patch] > 0.5
        area = (fill > 0.5).sum()
        left = [old & ~mask for old in masks]
        if mask.sum() < LEAST_VISIBLE * area or any(l.sum() < LEAST_VISIBLE * a for l, a in zip(left, areas)):
            continue
        _paint(rng, picture, fill, rim, half, radius, window, patch)
        kinds.append(kind)
        masks = left + [mask]
        areas.append(area)
        placed.append((*place, radius))
    picture += rng.normal(0, rng.uniform(0.5, 5), picture.shape)
    return Scene(np.clip(np.rint(picture), 0, 255).astype(np.uint8), kinds, masks)


def _paint(rng, picture, fill, rim, half, radius, window, patch):
    v, u = np.mgrid[-half:half, -half:half].astype(np.float64)
    first, second = _colours(rng, picture[window][fill[patch] > 0.5].mean(axis=0))
    share = TEXTURES[rng.integers(len(TEXTURES))](rng, u, v, radius)[..., None]
    surface = first + share * (second - first)
    lit, _ = _turned(rng, u, v)
    surface = surface * (1 + rng.uniform(0, 0.2) * lit / radius)[..., None]
    edge = np.minimum(first, second) * 0.35 if rng.random() < 0.75 else 255 - (255 - np.maximum(first, second)) * 0.3
    surface += rim[..., None] * rng.uniform(0.5, 1) * (edge - surface)

    # A faint shadow to one side, then the shape itself.
    dx, dy = (int(d) for d in rng.integers(-2, 3, 2))
    shadow = np.roll(fill, (dy, dx), axis=(0, 1))[patch][..., None] * rng.uniform(0, 0.4)
    picture[window] *= 1 - shadow
    cover = fill[patch][..., None]
    picture[window] += cover * (surface[patch] - picture[window])


def scenes(seed, count, start=0):
    """Scenes `start` up to `start + count`: pictures (scene, 96, 96, 3) and labels (scene, class), both uint8."""
    drawn = [scene(seed, number) for number in range(start, start + count)]
    return np.stack([s.picture for s in drawn]), np.stack([s.labels() for s in drawn])


def held_out():
    """The seed and count of the scenes that training never saw, from heldout.json."""
    return json.loads((HERE / "heldout.json").read_text())


def held_out_scenes():
    """The held-out scenes. Warns if they are not, bit for bit, those that heldout.json was written for."""
    wanted = held_out()
    drawn = [scene(wanted["seed"], number) for number in range(wanted["count"])]
    found = checksum(drawn)
    if found != wanted["sha256"]:
        print(
            f"heldout.json has scenes of SHA-256 {wanted['sha256']}, drew {found}: "
            "figures may differ a little from the README's. The header of scenes.py names the versions it was made with.",
            file=sys.stderr,
        )
    return drawn


def write_held_out():
    """Writes heldout.json."""
    drawn = [scene(HELD_OUT_SEED, number) for number in range(HELD_OUT_COUNT)]
    found = {"seed": HELD_OUT_SEED, "count": HELD_OUT_COUNT, "sha256": checksum(drawn)}
    (HERE / "heldout.json").write_text(json.dumps(found, indent=2) + "\n")


def checksum(drawn):
    """SHA-256 over every picture and index mask, in order."""
    digest = hashlib.sha256()
    for s in drawn:
        digest.update(s.picture.tobytes())
        digest.update(s.index_mask().tobytes())
    return digest.hexdigest()


# What a person sees in an index mask: the background black, the shapes in the order that they were placed.
_PALETTE = [0, 0, 0, 230, 159, 0, 86, 180, 233, 0, 158, 115, 240, 228, 66]


def write_samples(folder, numbers):
    """Writes held-out scenes as PNG, their index masks, and samples.json."""
    folder.mkdir(parents=True, exist_ok=True)
    seed, entries = held_out()["seed"], []
    for number in numbers:
        s = scene(seed, number)
        name = f"scene-{number:03d}"
        Image.fromarray(s.picture).save(folder / f"{name}.png", optimize=True)
        mask = Image.fromarray(s.index_mask(), "P")
        mask.putpalette(_PALETTE)
        mask.save(folder / f"{name}-mask.png", optimize=True)
        objects = [{"kind": kind, "value": value} for value, kind in enumerate(s.kinds, start=1)]
        entries.append({"number": number, "picture": f"{name}.png", "mask": f"{name}-mask.png", "objects": objects})
    (folder / "samples.json").write_text(json.dumps({"seed": seed, "scenes": entries}, indent=2) + "\n")


def write_arrays(folder):
    """Writes the held-out scenes: x.npy uint8, y.npy uint8 (scene, class), masks.npy uint8 (scene, height, width, class)."""
    folder.mkdir(parents=True, exist_ok=True)
    drawn = held_out_scenes()
    np.save(folder / "x.npy", np.stack([s.picture for s in drawn]))
    np.save(folder / "y.npy", np.stack([s.labels() for s in drawn]))
    np.save(folder / "masks.npy", np.stack([s.class_masks() for s in drawn]))


def write_sheet(path, seed, start, count, zoom):
    """Writes a contact sheet, the masks under each row of pictures."""
    columns = 12
    rows = -(-count // columns)
    sheet = Image.new("RGB", (columns * SIZE * zoom, rows * 2 * SIZE * zoom))
    for position in range(count):
        s = scene(seed, start + position)
        mask = Image.fromarray(s.index_mask(), "P")
        mask.putpalette(_PALETTE)
        row, column = divmod(position, columns)
        for line, image in enumerate((Image.fromarray(s.picture), mask.convert("RGB"))):
            large = image.resize((SIZE * zoom,) * 2, Image.Resampling.NEAREST)
            sheet.paste(large, (column * SIZE * zoom, (2 * row + line) * SIZE * zoom))
    sheet.save(path)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    samples = commands.add_parser("samples")
    samples.add_argument("folder", type=Path)
    commands.add_parser("heldout")
    arrays = commands.add_parser("arrays")
    arrays.add_argument("folder", type=Path)
    sheet = commands.add_parser("sheet")
    sheet.add_argument("path", type=Path)
    sheet.add_argument("--seed", type=int, default=1)
    sheet.add_argument("--start", type=int, default=0)
    sheet.add_argument("--count", type=int, default=48)
    sheet.add_argument("--zoom", type=int, default=1)
    arguments = parser.parse_args()
    if arguments.command == "samples":
        write_samples(arguments.folder, SAMPLES)
    elif arguments.command == "arrays":
        write_arrays(arguments.folder)
    elif arguments.command == "heldout":
        write_held_out()
    else:
        write_sheet(arguments.path, arguments.seed, arguments.start, arguments.count, arguments.zoom)


if __name__ == "__main__":
    main()
