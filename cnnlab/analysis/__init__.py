"""Analysis of recorded runs: comparison, evaluation, prediction, explanation."""
