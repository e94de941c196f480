"""Promises of the package as a whole: its public names, and cheap imports."""

import re
import subprocess
import sys

import cnnlab
from cnnlab.workspace import PROJECT_ROOT


def test_public_names_are_sorted_few_and_documented() -> None:
    assert cnnlab.__all__ == sorted(cnnlab.__all__)
    assert len(cnnlab.__all__) <= 10
    readme = (PROJECT_ROOT / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(\w+)` \|", readme, re.MULTILINE)) >= set(cnnlab.__all__)


def test_every_public_name_exists() -> None:
    for name in cnnlab.__all__:
        assert getattr(cnnlab, name).__doc__


def test_importing_the_package_loads_neither_torch_nor_streamlit() -> None:
    code = "import cnnlab, sys; assert not {'torch', 'streamlit'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=PROJECT_ROOT)


def test_links_of_the_documents_lead_to_files() -> None:
    for page in (
        *PROJECT_ROOT.glob("*.md"),
        *(PROJECT_ROOT / "docs").glob("*.md"),
        PROJECT_ROOT / "data" / "README.md",
    ):
        for target in re.findall(r"\]\((?!https?://|#)([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"
