"""Fills the form with the networks and the recipe of the article that the lab is based on."""

from cnnlab.ui.next_run import choices
from cnnlab.ui.next_run.choices import ArchitectureChoice
from cnnlab.ui.next_run.dataset import current_dataset


def fill_form() -> None:
    """Choose the article's VGG and recipe, and split the current data set as it does: no validation."""
    from cnnlab.models.registry import family_names  # like the form, not needed for the first page
    from cnnlab.ui.next_run import form, split_choice

    choices.set_architecture(ArchitectureChoice(family_names()[0], form.ARTICLE))
    form.choose_recipe(form.ARTICLE)
    dataset = current_dataset()
    proposal = None if dataset is None else split_choice.proposed(dataset, form.ARTICLE)
    if dataset is not None and proposal is not None:
        split_choice.choose(dataset, proposal)
