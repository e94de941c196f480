"""The source article's training loop, rewritten from its description: what a typical notebook does.

Two loader processes decode and augment the pictures anew each time, weights have torch's default layout, Adam is not
fused, and the loss is read from the device after every step.
"""

from collections.abc import Iterator
from pathlib import Path

import torch
from torch import nn
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

from cnnlab.models.build import build_model

LEARNING_RATE = 0.0002


def article_loader(folder: Path, batch_size: int) -> DataLoader[tuple[torch.Tensor, torch.Tensor]]:
    """Shuffled pictures (N, 3, 224, 224) in [0, 1] with labels, loaded by two processes."""
    steps = [
        transforms.Resize(256),
        transforms.RandomResizedCrop(224),
        transforms.RandomHorizontalFlip(),
        transforms.ToTensor(),
    ]
    pictures = datasets.ImageFolder(folder, transforms.Compose(steps))
    return DataLoader(pictures, batch_size=batch_size, shuffle=True, num_workers=2)


def article_steps(family: str, folder: Path, batch_size: int) -> Iterator[int]:
    """Train the article's network of that family forever; yields the number of pictures after each step."""
    model = build_model(family, preset="article", num_classes=2, seed=0)
    loader = article_loader(folder, batch_size)
    optimiser = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE)
    loss_of = nn.CrossEntropyLoss()
    total = 0.0
    while True:
        for pictures, labels in loader:
            optimiser.zero_grad()
            loss = loss_of(model(pictures), labels)
            loss.backward()
            optimiser.step()
            total += loss.item()
            yield len(labels)
