"""Draws the pictures of the demonstration's articles, in the manner of those of the flows: `python3 demo/draw.py`."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent.parent / "flows/library"))

import draw as hand  # noqa: E402
from draw import AMBER, BLUE, GREEN, INK, LIGHT, PAPER, SHADE, TABLE, box, disc, good, line  # noqa: E402

hand.HERE = HERE / "articles/washer-does-not-drain"


def arrow(x1, y1, x2, y2):
    """Points to the right or to the left, where a hand belongs."""
    back = 16 if x2 < x1 else -16
    return [(line(x1, y1, x2, y2, 9), GREEN), (line(x2, y2, x2 + back, y2 - 14, 9), GREEN), (line(x2, y2, x2 + back, y2 + 14, 9), GREEN)]


def door():
    """The washing machine with its small door, which is what is looked for."""
    shapes = [(box(96, 24, 336, 346, 12), PAPER), (box(96, 24, 336, 92, 12), SHADE), (box(96, 78, 336, 92), SHADE)]
    shapes += [(box(196, 38, 286, 78, 6), INK), (disc(312, 58, 13), PAPER), (box(112, 46, 170, 70, 6), PAPER)]
    shapes += [(disc(216, 206, 88), SHADE), (disc(216, 206, 72), TABLE), (disc(216, 206, 62), BLUE), (disc(194, 182, 12), LIGHT)]
    shapes += [(box(266, 292, 328, 338, 5), AMBER), (box(272, 298, 322, 332, 3), PAPER), (disc(297, 315, 11), TABLE)]
    hand.draw("door.png", LIGHT, shapes + arrow(440, 315, 350, 315))


def filter_turned():
    """The filter behind the door, turned to the left, with a bowl below it."""
    shapes = [(box(70, 40, 410, 236, 12), PAPER), (box(150, 66, 330, 226, 10), SHADE), (disc(240, 146, 66), TABLE), (disc(240, 146, 56), PAPER)]
    shapes += [(box(230, 104, 250, 188, 8), INK)]
    shapes += [(line(190, 66, 158, 104, 9), GREEN), (line(158, 104, 160, 80, 9), GREEN), (line(158, 104, 182, 100, 9), GREEN)]
    shapes += [(line(240, 214, 240, 262, 14), BLUE), (box(140, 270, 340, 330, 26), INK), (box(152, 278, 328, 300, 10), BLUE)]
    hand.draw("filter.png", LIGHT, shapes + good(392, 300))


if __name__ == "__main__":
    door()
    filter_turned()
