"""The bundled pictures, made without any download: painted poodles and Siamese cats, and handwritten digits."""

from cnnlab.data.samples.writing import SampleSet, write_samples

__all__ = ["SampleSet", "write_samples"]
