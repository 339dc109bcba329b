"""Draws the example pictures that stand beside the flows: `python3 library/draw.py`, standard library only.

No words in them, because a picture serves all languages, and nothing that somebody else drew.
"""

import math
import struct
import zlib
from pathlib import Path

HERE = Path(__file__).parent
WIDTH, HEIGHT = 480, 360
INK, PAPER, SHADE, LIGHT = (38, 50, 66), (255, 255, 255), (206, 214, 224), (236, 240, 245)
BLUE, GREEN, AMBER, TABLE = (58, 120, 200), (34, 150, 94), (230, 160, 50), (92, 108, 128)


def box(left, top, right, bottom, round_by=0):
    """Signed distance to a rectangle with round corners; below nought is inside."""
    cx, cy = (left + right) / 2, (top + bottom) / 2
    half_w, half_h = (right - left) / 2 - round_by, (bottom - top) / 2 - round_by

    def distance(x, y):
        dx, dy = abs(x - cx) - half_w, abs(y - cy) - half_h
        return math.hypot(max(dx, 0), max(dy, 0)) + min(max(dx, dy), 0) - round_by

    distance.reach = (left, top, right, bottom)
    return distance


def disc(cx, cy, radius):
    distance = lambda x, y: math.hypot(x - cx, y - cy) - radius
    distance.reach = (cx - radius, cy - radius, cx + radius, cy + radius)
    return distance


def ring(cx, cy, radius, width):
    distance = lambda x, y: abs(math.hypot(x - cx, y - cy) - radius) - width / 2
    far = radius + width
    distance.reach = (cx - far, cy - far, cx + far, cy + far)
    return distance


def line(x1, y1, x2, y2, width):
    length = (x2 - x1) ** 2 + (y2 - y1) ** 2 or 1

    def distance(x, y):
        along = max(0, min(1, ((x - x1) * (x2 - x1) + (y - y1) * (y2 - y1)) / length))
        return math.hypot(x - x1 - along * (x2 - x1), y - y1 - along * (y2 - y1)) - width / 2

    distance.reach = (min(x1, x2) - width, min(y1, y2) - width, max(x1, x2) + width, max(y1, y2) + width)
    return distance


def draw(name, ground, shapes):
    rows = [bytearray(ground * WIDTH) for _ in range(HEIGHT)]
    for shape, colour in shapes:
        left, top, right, bottom = shape.reach
        for y in range(max(0, int(top) - 1), min(HEIGHT, int(bottom) + 2)):
            row = rows[y]
            for x in range(max(0, int(left) - 1), min(WIDTH, int(right) + 2)):
                cover = min(1, max(0, 0.5 - shape(x + 0.5, y + 0.5)))
                if cover:
                    for n in range(3):
                        row[3 * x + n] = round(row[3 * x + n] * (1 - cover) + colour[n] * cover)
    raw = b"".join(b"\0" + bytes(row) for row in rows)
    chunk = lambda kind, data: struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    head = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(raw, 9)) + chunk(b"IEND", b"")
    (HERE / name).write_bytes(png)
    print(f"{name}: {len(png)} bytes")


def good(cx, cy, radius=22):
    """A green disc with a tick: so it is right."""
    at = lambda x, y: (cx + x * radius, cy + y * radius)
    return [
        (disc(cx, cy, radius + 3), PAPER),
        (disc(cx, cy, radius), GREEN),
        (line(*at(-0.45, 0.05), *at(-0.12, 0.4), radius / 4), PAPER),
        (line(*at(-0.12, 0.4), *at(0.48, -0.35), radius / 4), PAPER),
    ]


def corners(left, top, right, bottom, colour=PAPER):
    """The four corners of a camera's frame."""
    marks = []
    for x, y, dx, dy in ((left, top, 1, 1), (right, top, -1, 1), (left, bottom, 1, -1), (right, bottom, -1, -1)):
        marks += [(line(x, y, x + 30 * dx, y, 5), colour), (line(x, y, x, y + 30 * dy, 5), colour)]
    return marks


def mug(cx, cy, handle, mark=False, crack=False):
    shapes = []
    if handle:
        shapes.append((ring(cx + handle * 34, cy, 20, 9), INK))
    shapes += [(box(cx - 36, cy - 42, cx + 36, cy + 42, 10), BLUE), (box(cx - 36, cy - 42, cx + 36, cy - 26, 8), INK)]
    if mark:
        shapes.append((disc(cx, cy + 8, 15), PAPER))
    if crack:
        zigzag = [(12, -26), (2, -10), (14, 4), (4, 20)]
        shapes += [(line(cx + a, cy + b, cx + c, cy + d, 4), PAPER) for (a, b), (c, d) in zip(zigzag, zigzag[1:])]
    return shapes


def four_sides():
    shapes = [(box(238, 10, 242, 350), SHADE), (box(10, 178, 470, 182), SHADE)]
    shapes += mug(120, 95, 1, mark=True) + mug(360, 95, -1)
    shapes += mug(120, 268, 0, crack=True) + mug(360, 268, 0)
    for x, y in ((205, 40), (445, 40), (205, 212), (445, 212)):
        shapes += good(x, y, 15)
    draw("retail_return/four_sides.png", LIGHT, shapes)


def identity_page():
    shapes = [(box(70, 70, 410, 290, 14), PAPER), (box(70, 70, 410, 104, 14), SHADE), (box(70, 90, 410, 104), SHADE)]
    shapes += [(box(92, 120, 172, 222, 6), LIGHT), (disc(132, 156, 19), SHADE), (box(104, 182, 160, 222, 18), SHADE)]
    shapes += [(box(192, y, right, y + 9, 4), SHADE) for y, right in ((124, 380), (148, 330), (172, 360), (196, 300))]
    for y in (244, 268):
        shapes += [(box(x, y - 6, x + 7, y + 6, 2), INK) for x in range(92, 240, 11)]
        for x in range(248, 384, 14):
            shapes += [(line(x + 7, y - 5, x, y, 2.4), INK), (line(x, y, x + 7, y + 5, 2.4), INK)]
    shapes += corners(48, 48, 432, 312) + good(432, 48)
    draw("identity_document/page.png", TABLE, shapes)


def receipt():
    shapes = [(box(150, 24, 330, 336, 4), PAPER), (box(204, 44, 276, 58, 6), BLUE)]
    shapes += [(box(170, y, right, y + 8, 4), SHADE) for y, right in ((80, 250), (104, 270), (128, 240), (152, 262))]
    shapes += [(box(288, y, 312, y + 8, 4), SHADE) for y in (80, 104, 128, 152)]
    shapes += [(box(170, 176, 312, 179), SHADE), (box(170, 192, 226, 208, 5), INK), (box(262, 192, 312, 208, 5), INK)]
    # The day and the reference can be read, the card's number is covered.
    shapes += [(box(170, 230, 240, 240, 4), INK), (box(170, 252, 300, 262, 4), INK)]
    shapes += [(box(162, 284, 320, 312, 8), AMBER)] + corners(126, 14, 354, 346) + good(354, 26)
    draw("payment_dispute/receipt.png", TABLE, shapes)


def speed_test():
    shapes = [(box(150, 12, 330, 348, 24), INK), (box(160, 36, 320, 324, 8), PAPER)]
    centre, steps = (240, 150), 44
    for n in range(steps):
        turn = math.radians(150 + 240 * n / (steps - 1))
        x, y = centre[0] + 58 * math.cos(turn), centre[1] + 58 * math.sin(turn)
        shapes.append((disc(x, y, 6), BLUE if n < steps * 0.62 else SHADE))
    needle = math.radians(150 + 240 * 0.62)
    shapes += [(line(*centre, centre[0] + 42 * math.cos(needle), centre[1] + 42 * math.sin(needle), 5), INK)]
    shapes += [(disc(*centre, 8), INK), (box(200, 214, 280, 234, 6), INK), (box(216, 244, 264, 252, 4), SHADE)]
    for x, high in ((190, 12), (212, 20), (234, 28), (256, 36), (278, 44)):
        shapes.append((box(x, 306 - high, x + 14, 306, 3), GREEN if x < 250 else SHADE))
    shapes += good(330, 34)
    draw("network_screenshot/speed_test.png", LIGHT, shapes)


def display():
    shapes = [(box(96, 24, 336, 346, 12), PAPER), (box(96, 24, 336, 92, 12), SHADE), (box(96, 78, 336, 92), SHADE)]
    shapes += [(box(196, 38, 286, 78, 6), INK), (disc(312, 58, 13), PAPER), (box(112, 46, 170, 70, 6), PAPER)]
    # A code on the display: E, 2, 0 in seven segments.
    segments = {"E": "afged", "2": "abged", "0": "abcdef"}
    place = {"a": (0, 0, 1, 0), "b": (1, 0, 1, 1), "c": (1, 1, 1, 2), "d": (0, 2, 1, 2), "e": (0, 1, 0, 2), "f": (0, 0, 0, 1), "g": (0, 1, 1, 1)}
    for n, sign in enumerate("E20"):
        for segment in segments[sign]:
            x1, y1, x2, y2 = place[segment]
            left, top = 212 + 24 * n, 46
            shapes.append((line(left + 12 * x1, top + 12 * y1, left + 12 * x2, top + 12 * y2, 4), AMBER))
    shapes += [(disc(216, 216, 88), SHADE), (disc(216, 216, 72), TABLE), (disc(216, 216, 62), BLUE)]
    shapes += [(disc(194, 192, 12), LIGHT), (box(300, 300, 326, 336, 3), AMBER)]
    shapes += corners(184, 26, 298, 90, GREEN) + good(392, 58)
    draw("appliance_video/display.png", LIGHT, shapes)


if __name__ == "__main__":
    for picture in (four_sides, identity_page, receipt, speed_test, display):
        picture()
