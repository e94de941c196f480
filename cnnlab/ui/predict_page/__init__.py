"""The parts of the Predict page: which runs, which pictures, what each run sees."""
