"""The parts of the Augment page: pipeline editor, choice of a picture, samples, cautions."""
