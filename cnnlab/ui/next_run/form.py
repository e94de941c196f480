"""The form of the Train page: architecture, recipe and hyperparameters of the next run.

The architecture is shared with the Architecture page (choices.py); the settings are a draft that survives a refresh.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import streamlit as st

from cnnlab.plots.bars import PART_TITLES
from cnnlab.store.records import DataSetRecord
from cnnlab.training.config import RunConfig
from cnnlab.training.recipes import DEFAULT_RECIPE, RECIPES, get_recipe, make_config
from cnnlab.training.settings import SETTINGS
from cnnlab.ui import drafts, keys, parameter_field, wording
from cnnlab.ui.next_run import choices, fields, network_fields, origin_field, split_choice
from cnnlab.ui.next_run.choices import FORM, ArchitectureChoice

RECIPE: Final = "recipe"
CLONED_FROM: Final = "cloned_from"
"""The run whose configuration fills the form, until another run or a recipe replaces it."""
ARTICLE: Final = "article"
"""Name of the preset and of the recipe of the article that the lab is based on."""


@dataclass(frozen=True)
class Form:
    """The contents of the form; `settings` by path."""

    architecture: ArchitectureChoice
    recipe: str
    settings: Mapping[str, Any]

    def config(self, dataset: DataSetRecord, *, family: str | None = None) -> RunConfig:
        """The configuration of a run on a data set with its current split.

        Another `family` gets its small preset, or its article preset if the form has an article preset.

        Raises:
            ConfigError: something in the form does not fit.
        """
        chosen = self.architecture
        if family is not None and family != chosen.family:
            chosen = ArchitectureChoice(family, ARTICLE) if chosen.preset == ARTICLE else ArchitectureChoice(family)
        return make_config(
            data=dataset.path,
            family=chosen.family,
            preset=chosen.preset,
            recipe=self.recipe,
            pipeline=choices.pipeline(),
            settings={**chosen.options, **self.settings, **split_choice.current(dataset).settings()},
        )


def current() -> Form:
    """The form as it is in the session, for callbacks as well as for rendering."""
    architecture = choices.architecture()
    recipe = drafts.recall(RECIPE, DEFAULT_RECIPE)
    recipe = recipe if recipe in RECIPES else DEFAULT_RECIPE
    settings = {path: st.session_state.get(keys.train_setting(path)) for path in fields.ALL}
    return Form(architecture, recipe, settings)


def render(dataset: DataSetRecord) -> Form:
    """Render the form of a run on the data set."""
    form = current()
    _prepare(form)
    _render_architecture(form.architecture)
    st.session_state[keys.TRAIN_RECIPE] = form.recipe
    st.segmented_control(
        "Recipe",
        list(RECIPES),
        format_func=lambda name: RECIPES[name].title,
        key=keys.TRAIN_RECIPE,
        help="\n".join(f"- **{recipe.title}**: {recipe.help}" for recipe in RECIPES.values()),
        required=True,
        width="stretch",
        on_change=_recipe_changed,
    )
    _render_split(dataset, form.recipe)
    _render_fields(fields.BASICS)
    for title, paths in fields.FOLDED.items():
        with st.expander(title + _changed_mark(form, paths), key=keys.train_group(title)):
            _render_fields(paths)
    form = current()
    drafts.keep(FORM, {keys.train_setting(path): value for path, value in form.settings.items()})
    return form


def _render_split(dataset: DataSetRecord, recipe: str) -> None:
    """Show which split the run uses, and offer the one the recipe is designed for if it differs."""
    st.caption(f":material/call_split: {split_text(dataset)}")
    proposal = split_choice.proposed(dataset, recipe)
    if proposal is not None:
        shares = f"{100 * proposal.val_fraction:g} % validation, {100 * proposal.test_fraction:g} % test"
        st.button(
            f"Split as in the recipe: {shares}",
            key=keys.TRAIN_SPLIT,
            icon=":material/call_split:",
            help="Changes the split of this data set only.",
            on_click=split_choice.choose,
            args=(dataset, proposal),
        )


def split_text(dataset: DataSetRecord) -> str:
    """The split of the next run in a sentence."""
    counts = Counter(split_choice.current_split(dataset).parts.values())
    parts = ", ".join(f"{counts[part]:,} {title}" for part, title in PART_TITLES.items() if counts[part])
    return f"{parts} pictures; change the split on the Data page."


def _prepare(form: Form) -> None:
    drafts.restore(FORM, map(keys.train_setting, fields.ALL))
    for path in fields.ALL:
        key = keys.train_setting(path)
        value = st.session_state[key] if key in st.session_state else _default(form, path)
        if value is None and not SETTINGS[path].optional:
            value = _default(form, path)
        st.session_state[key] = fields.fitted(path, value)


def _default(form: Form, path: str) -> Any:  # noqa: ANN401
    chosen = form.architecture
    return fields.default_of(path, recipe=form.recipe, family=chosen.family, preset=chosen.preset)


def _changed_mark(form: Form, paths: Sequence[str]) -> str:
    """A mark on a folded group whose settings differ from the recipe's, so that no change is hidden."""
    changed = sum(
        st.session_state[keys.train_setting(path)] != fields.fitted(path, _default(form, path)) for path in paths
    )
    return f" · {changed} changed" if changed else ""


def _render_architecture(chosen: ArchitectureChoice) -> None:
    network_fields.render_family(keys.TRAIN_FAMILY, chosen)
    network_fields.render_preset(
        keys.TRAIN_PRESET, chosen, lambda name: choices.set_architecture(ArchitectureChoice(chosen.family, name))
    )
    if chosen.options:
        changed = wording.escape_markdown(", ".join(f"{name} {value}" for name, value in chosen.options.items()))
        st.caption(f"With options from the Architecture page: {changed}")
    if choices.pipeline() is not None:
        st.caption("With the steps from the Augment page instead of the recipe's.")


def _render_fields(paths: Sequence[str]) -> None:
    for row in fields.rows(paths):
        for column, path in zip(st.columns(len(row), gap="small", vertical_alignment="bottom"), row, strict=True):
            with column:
                _render_field(path)


def _render_field(path: str) -> None:
    setting, key = SETTINGS[path], keys.train_setting(path)
    if path == fields.ORIGIN:
        origin_field.render(setting, key=key)
    else:
        parameter_field.render(setting, key=key, persist_state="session")


def _recipe_changed() -> None:
    choose_recipe(get_recipe(st.session_state[keys.TRAIN_RECIPE]).name)


def choose_recipe(name: str) -> None:
    """Take all settings from a recipe."""
    drafts.remember(RECIPE, name)
    drafts.remember(CLONED_FROM, None)
    drafts.discard(FORM)
    for path in fields.ALL:
        st.session_state.pop(keys.train_setting(path), None)
