"""``python -m models fetch``: the commands of ``xiangyin models``, for set-up, which needs nothing else of the box."""
from __future__ import annotations

import argparse
import logging
import sys

from models.commands import add_actions

if __name__ == "__main__":
    logging.basicConfig(stream=sys.stderr, format="%(levelname)s %(message)s")
    parser = argparse.ArgumentParser(prog="xiangyin models")
    add_actions(parser)
    arguments = parser.parse_args()
    sys.exit(arguments.func(arguments))
