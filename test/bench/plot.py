"""Draws the points of sweep.json: CPU per delivery against one thing each.

usage: plot.py FOLDER
"""

import json
import pathlib
import sys

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot  # noqa: E402

import cases  # noqa: E402

LABELS = {
    "sockets": "sockets (one edge, 64 bytes)",
    "edges": "edges (2,000 sockets, 64 bytes)",
    "payload": "bytes of payload (1,000 sockets)",
}
NAMES = {"aerie": "edge + broker", "bare": "bare epoll broadcaster"}


def draw(folder, points, along):
    figure, axes = pyplot.subplots(figsize=(6, 4))
    for server, name in NAMES.items():
        mine = sorted((p["x"], cases.cost(p)) for p in points
                      if p["along"] == along and p["server"] == server)
        if mine:
            axes.plot(*zip(*mine), marker="o", label=name)
    if along != "edges":
        axes.set_xscale("log")
    axes.set_ylim(bottom=0)
    axes.set_xlabel(LABELS[along])
    axes.set_ylabel("CPU per delivery, microseconds")
    axes.set_title("Fan-out, 4 broadcasts outstanding")
    axes.grid(alpha=0.3)
    axes.legend()
    figure.tight_layout()
    file = folder / f"{along}.png"
    figure.savefig(file, dpi=120)
    print(file)


def main():
    folder = pathlib.Path(sys.argv[1])
    points = json.loads((folder / "sweep.json").read_text())
    for along in LABELS:
        draw(folder, points, along)


if __name__ == "__main__":
    main()
