"""Text from outside reaches Streamlit's Markdown only through `escape_markdown`; checked in the whole source."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from cnnlab.workspace import PROJECT_ROOT

MARKDOWN: Final = frozenset(
    (
        *("markdown", "caption", "write", "error", "warning", "info", "success", "title", "header", "subheader"),
        *("toast", "button", "download_button", "checkbox", "toggle", "radio", "expander", "popover", "metric"),
        *("progress", "spinner", "page_link", "badge", "tabs", "dialog"),
    )
)
FROM_OUTSIDE: Final = frozenset(
    ("name", "label", "path", "reason", "remedy", "note", "message", "file", "error", "predicted", "tags", "sentence")
)
OWN: Final = frozenset(("spec.name", "step.name", "page.sentence", "recipe.title", "finding.sentence", "offer.label"))
"""Names from the lab's own registries."""


def values(node: ast.AST) -> Iterator[ast.expr]:
    """The values that make up a text: those in an f-string, or the expression itself."""
    if isinstance(node, ast.JoinedStr):
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                yield from values(part.value)
    elif isinstance(node, ast.BinOp):
        yield from values(node.left)
        yield from values(node.right)
    elif isinstance(node, ast.IfExp):
        yield from values(node.body)
        yield from values(node.orelse)
    elif isinstance(node, ast.expr):
        yield node


def called(node: ast.expr) -> str:
    function = node.func if isinstance(node, ast.Call) else node
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def is_from_outside(node: ast.expr) -> bool:
    if isinstance(node, ast.Call):
        return called(node) == "str" and bool(node.args) and called(node.args[0]) in ("error", "doubt")
    return isinstance(node, ast.Attribute) and node.attr in FROM_OUTSIDE and ast.unparse(node) not in OWN


def unescaped(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and called(node) in MARKDOWN and isinstance(node.func, ast.Attribute):
            texts = [*node.args[:1], *(word.value for word in node.keywords if word.arg in ("help", "text", "label"))]
            for text in texts:
                for value in values(text):
                    if is_from_outside(value):
                        yield f"{file.name}:{node.lineno} {ast.unparse(value)}"


def test_no_text_from_outside_reaches_markdown_unescaped():
    files = [
        PROJECT_ROOT / "app.py",
        *(PROJECT_ROOT / "pages").glob("*.py"),
        *(PROJECT_ROOT / "cnnlab/ui").rglob("*.py"),
    ]
    assert [found for file in files for found in unescaped(file)] == []


def test_the_check_finds_unescaped_text(tmp_path):
    wrong = tmp_path / "wrong.py"
    wrong.write_text('st.markdown(f"**{run.name}**")\nst.warning(str(error))\nst.button("x", help=f"{picture.path}")\n')
    assert len(list(unescaped(wrong))) == 3
    wrong.write_text("downloads.download_button(run.name, make, file, key, help=run.note)\n")
    assert len(list(unescaped(wrong))) == 2
