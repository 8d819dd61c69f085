"""The mean of several checkpoints' weights: steadier than any of them after much dropout."""

from __future__ import annotations

import argparse
from pathlib import Path

import torch


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoints", nargs="+", type=Path, help="of one model; the last gives the rest")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    saved = [torch.load(path) for path in args.checkpoints]
    mean = saved[-1]
    for name in mean["model"]:
        mean["model"][name] = torch.stack([one["model"][name] for one in saved]).mean(0)
    torch.save({**mean, "optimizers": []}, args.out)


if __name__ == "__main__":
    main()
