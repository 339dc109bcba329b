"""What every alternative does alike: takes files, times each, prints one line of JSON a file."""

import json
import resource
import sys
import time


def cpu_seconds():
    """Own and finished children's."""
    spent = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in spent)


def quad(points):
    return {"points": [[float(x), float(y)] for x, y in points]}


def box(left, top, width, height):
    return quad([(left, top), (left + width, top), (left + width, top + height), (left, top + height)])


def run(part, analyze):
    """`analyze(path)` gives the fields of an answer; the files' names come on standard input, one a line."""
    for path in sys.stdin.read().splitlines():
        wall, cpu = time.perf_counter(), cpu_seconds()
        try:
            answer = analyze(path)
        except Exception as error:  # one bad picture must not cost the others
            answer = {"error": f"{type(error).__name__}: {error}"}
        answer |= {
            "file": path,
            "ms": {part: (time.perf_counter() - wall) * 1000},
            "cpu_ms": (cpu_seconds() - cpu) * 1000,
        }
        print(json.dumps(answer, ensure_ascii=False), flush=True)
