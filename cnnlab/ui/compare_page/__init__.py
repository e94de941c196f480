"""The parts of the Compare page: choice of runs, curves and figures, mistakes, and managing a run."""
