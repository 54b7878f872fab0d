"""Makes the tables of dev.keralens.picture.draw.ColorMap and the expected colours of its test.

    python make_color_maps.py

Needs numpy and matplotlib (3.11.2 made the checked-in data). Prints a Java text block per sampled map: the fewest
knots, "position rrggbb" with the position in 255ths, between which linear interpolation stays within 1/255 of matplotlib's 256 colours.
Writes core/src/test/resources/golden/color_maps.txt: a line per map, its name and 256 colours.
"""

from pathlib import Path

import matplotlib
import numpy as np

SAMPLED = ["viridis", "magma", "inferno", "turbo", "coolwarm"]
DEFINED = ["jet", "gray", "seismic"]

# Position and value of each channel's knots, as MATLAB and matplotlib define jet.
JET = [
    ([0, 0.35, 0.66, 0.89, 1], [0, 0, 1, 1, 0.5]),
    ([0, 0.125, 0.375, 0.64, 0.91, 1], [0, 0, 1, 1, 0, 0]),
    ([0, 0.11, 0.34, 0.65, 1], [0.5, 1, 1, 0, 0]),
]


def colors(name):
    return np.round(matplotlib.colormaps[name](np.arange(256))[:, :3] * 255).astype(int)


def reaches(table, first, last):
    """Whether a straight line between two entries stays within 1 of those between."""
    share = np.linspace(0, 1, last - first + 1)[:, None]
    line = np.round(table[first] + share * (table[last] - table[first]))
    return np.abs(line - table[first : last + 1]).max() <= 1


def knots(table):
    """The fewest knots, by dynamic programming."""
    best = {0: [0]}
    for last in range(1, 256):
        candidates = [best[first] for first in range(last) if reaches(table, first, last)]
        best[last] = min(candidates, key=len) + [last]
    return best[255]


def jet_knots():
    positions = sorted({p for channel, _ in JET for p in channel})
    values = [[round(255 * np.interp(p, *channel)) for channel in JET] for p in positions]
    return [(round(255 * p, 3), value) for p, value in zip(positions, values)]


def show(name, entries):
    texts = [f"{k:g} {r:02x}{g:02x}{b:02x}" for k, (r, g, b) in entries]
    lines = [", ".join(texts[i : i + 7]) for i in range(0, len(texts), 7)]
    print(f"{name} ({len(texts)} knots)\n" + ",\n".join(lines))


def main():
    show("jet", jet_knots())
    for name in SAMPLED:
        table = colors(name)
        show(name, [(k, table[k]) for k in knots(table)])
    golden = Path(__file__).resolve().parents[2] / "core/src/test/resources/golden/color_maps.txt"
    golden.write_text(
        "".join(name + " " + "".join(f"{r:02x}{g:02x}{b:02x}" for r, g, b in colors(name)) + "\n" for name in DEFINED + SAMPLED)
    )


if __name__ == "__main__":
    main()
