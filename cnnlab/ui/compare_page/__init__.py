"""The parts of the Compare page: which runs, what their figures say, where they err, and what is done with a run."""
