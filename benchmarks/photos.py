"""Pictures that cost a decoder what photographs do: noise of several octaves, edges, shading and grain; all different.

Needs numpy and pillow; compare installs them.

    photos.py FOLDER COUNT     writes 0000.jpg and so on where they are missing
"""

import os
import sys

import numpy as np
from PIL import Image, ImageDraw

# The size and the quality of most pictures of ImageNet; a file takes about 100 KB, as there.
WIDTH, HEIGHT, QUALITY = 500, 375, 90


def noise(random, octaves, fineness):
    """Colours that change smoothly; each octave is twice as fine as the one before and weaker by `fineness`."""
    total = np.zeros((HEIGHT, WIDTH, 3), np.float32)
    for octave in range(octaves):
        cells = 2 ** (octave + 1)
        grid = random.normal(0, fineness**octave, (cells * 3 // 4 + 1, cells + 1, 3)).astype(np.float32)
        grid = 0.6 * grid.mean(2, keepdims=True) + 0.4 * grid
        planes = [Image.fromarray(np.ascontiguousarray(grid[..., c])).resize((WIDTH, HEIGHT), Image.BICUBIC) for c in range(3)]
        total += np.stack([np.asarray(plane) for plane in planes], 2)
    return 128 + 60 * total / total.std() + random.normal(0, 25, 3)


def photo(random):
    """A few objects, each of a colour and a texture of its own, before a background."""
    picture = noise(random, 7, 0.7)
    for _ in range(random.integers(3, 9)):
        mask = Image.new("L", (2 * WIDTH, 2 * HEIGHT))
        centre = random.uniform(0, 1, 2) * (2 * WIDTH, 2 * HEIGHT)
        angles = np.sort(random.uniform(0, 2 * np.pi, random.integers(3, 12)))
        points = centre + random.uniform(60, 350, (len(angles), 1)) * np.stack([np.cos(angles), np.sin(angles)], 1)
        ImageDraw.Draw(mask).polygon([tuple(point) for point in points], fill=255)
        share = np.asarray(mask.resize((WIDTH, HEIGHT), Image.BOX), np.float32)[..., None] / 255
        picture += share * (noise(random, 8, random.uniform(0.7, 1)) - picture)
    picture += random.normal(0, random.uniform(3, 14), (HEIGHT, WIDTH, 1))
    return Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8))


if __name__ == "__main__":
    os.makedirs(sys.argv[1], exist_ok=True)
    for number in range(int(sys.argv[2])):
        file = os.path.join(sys.argv[1], f"{number:04d}.jpg")
        if not os.path.exists(file):
            photo(np.random.default_rng(number)).save(file + ".part", "jpeg", quality=QUALITY)
            os.replace(file + ".part", file)
