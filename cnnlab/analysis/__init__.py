"""What can be said of runs that are there: comparison, prediction, explanation."""
