"""`python -m benchmarks [NAME ...]`: run all benchmarks, or the named ones."""

import importlib
import pkgutil
import sys

import benchmarks

NOT_BENCHMARKS = {"__main__", "article", "article_loop", "live_client", "measuring"}


def names() -> list[str]:
    """The names of all benchmarks."""
    return sorted(m.name for m in pkgutil.iter_modules(benchmarks.__path__) if m.name not in NOT_BENCHMARKS)


if __name__ == "__main__":
    for chosen in sys.argv[1:] or names():
        importlib.import_module(f"benchmarks.{chosen}").main()
