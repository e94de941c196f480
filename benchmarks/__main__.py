"""`python -m benchmarks [NAME ...]`: run all measurements, or those named."""

import importlib
import pkgutil
import sys

import benchmarks

NOT_MEASUREMENTS = {"__main__", "article", "article_loop", "live_client", "measuring"}


def names() -> list[str]:
    """Every measurement there is."""
    return sorted(m.name for m in pkgutil.iter_modules(benchmarks.__path__) if m.name not in NOT_MEASUREMENTS)


if __name__ == "__main__":
    for chosen in sys.argv[1:] or names():
        importlib.import_module(f"benchmarks.{chosen}").main()
