"""Pictures that the lab brings along, made without any download: drawn poodles and Siamese cats, handwritten digits."""

from cnnlab.data.samples.writing import SampleSet, write_samples

__all__ = ["SampleSet", "write_samples"]
