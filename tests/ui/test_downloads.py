"""Downloads: only one file of the package may use Streamlit's own button."""

import ast

from cnnlab.workspace import PROJECT_ROOT


def test_every_download_goes_through_the_file_that_keeps_it_until_it_is_fetched():
    files = [PROJECT_ROOT / "app.py", *(PROJECT_ROOT / "pages").glob("*.py"), *(PROJECT_ROOT / "cnnlab").rglob("*.py")]
    users = {
        file.relative_to(PROJECT_ROOT).as_posix()
        for file in files
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and ast.unparse(node) == "st.download_button"
    }
    assert users == {"cnnlab/ui/downloads.py"}
