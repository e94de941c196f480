"""The parts of the Predict page: choice of runs, choice of pictures, and what each run sees."""
