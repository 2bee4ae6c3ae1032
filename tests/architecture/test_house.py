"""The house looks as it is drawn: small files, the same rooms, nothing forbidden."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from django.apps import apps as registry
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
MAX_FUNCTION_LINES = 60
MAX_FILE_LINES = 600
# Nine in ten functions have at most this many lines; what grew old badly elsewhere shows in the tail.
USUAL_FUNCTION_LINES = 30
FORBIDDEN_ROOMS = {"signals.py", "utils.py", "helpers.py", "managers.py", "constants.py", "misc.py"}
BUSINESS = sorted(path for path in (ROOT / "apps").iterdir() if (path / "apps.py").exists())


def source_files() -> list[Path]:
    folders = [ROOT / name for name in ("apps", "globalselling", "devtools", "tests", "bench")]
    files = [path for folder in folders for path in folder.rglob("*.py")]
    return [
        *(path for path in files if "migrations" not in path.parts),
        *ROOT.glob("*.py"),
    ]


def functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    tree = ast.parse(path.read_text())
    return [
        node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def test_no_file_passes_600_lines():
    long = [
        f"{path.relative_to(ROOT)}: {count}"
        for path in source_files()
        if (count := path.read_text().count("\n")) > MAX_FILE_LINES
    ]

    assert long == []


def test_no_function_passes_60_lines():
    long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}: {length(node)}"
        for path in source_files()
        for node in functions(path)
        if length(node) > MAX_FUNCTION_LINES
    ]

    assert long == []


def test_nine_in_ten_functions_are_short():
    lengths = [
        length(node)
        for path in source_files()
        if path.parts[len(ROOT.parts)] == "apps"
        for node in functions(path)
    ]
    short = sum(count <= USUAL_FUNCTION_LINES for count in lengths)

    assert len(lengths) > 300
    assert short / len(lengths) >= 0.9


@pytest.mark.parametrize("app", BUSINESS, ids=lambda path: path.name)
def test_an_app_has_no_lumber_room(app):
    names = {path.name for path in app.rglob("*.py")}

    assert names & FORBIDDEN_ROOMS == set()


def test_every_module_postpones_annotations():
    missing = [
        str(path.relative_to(ROOT))
        for path in source_files()
        if path.read_text().strip() and "from __future__ import annotations" not in path.read_text()
    ]

    assert missing == []


def test_every_public_thing_says_what_it_does():
    silent = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in source_files()
        if path.parts[len(ROOT.parts)] in {"apps", "globalselling"}
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]

    assert silent == []


def test_the_network_is_crossed_only_where_it_may_be():
    clients = {"httpx", "requests", "aiohttp", "urllib.request", "http.client"}
    allowed = {"apps/common/http.py"}
    offenders = []
    for path in (ROOT / "apps").rglob("*.py"):
        name = str(path.relative_to(ROOT))
        if name in allowed or path.name == "client.py":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            modules = (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else []
            )
            offenders += [f"{name}: {module}" for module in modules if module in clients]

    assert offenders == []


def test_broad_excepts_stand_only_at_the_edges():
    edges = {"delivery.py", "relay.py", "tasks.py", "deliver_webhooks.py", "execution.py"}
    edges |= {"coalescing.py"}  # a batch that fails is done one by one
    offenders = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in (ROOT / "apps").rglob("*.py")
        if path.name not in edges
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or (isinstance(node.type, ast.Name) and node.type.id == "Exception"))
    ]

    assert offenders == []


def test_no_model_has_a_default_ordering():
    ordered = [
        model.__name__
        for model in registry.get_models()
        if model.__module__.startswith("apps.") and model._meta.ordering
    ]

    assert ordered == []


def test_every_tenant_model_fails_closed():
    from apps.common.tenancy import TenantManager

    open_doors = [
        model.__name__
        for model in registry.get_models()
        if model.__module__.startswith("apps.")
        and any(field.name == "merchant" for field in model._meta.concrete_fields)
        and not isinstance(model._meta.default_manager, TenantManager)
    ]

    assert open_doors == []


def test_nothing_speaks_of_one_machine_or_host():
    tracked = [
        path
        for folder in ("apps", "globalselling", "devtools", "docs", "templates", "bench", "tests")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".py", ".md", ".html", ".yaml", ".yml", ".toml", ".sh"}
    ]
    words = ("/" + "work/", "/" + "tmp/brief", "pypi" + ".org", "registry" + ".npmjs")
    offenders = [
        f"{path.relative_to(ROOT)}: {word}"
        for path in tracked
        for word in words
        if word in path.read_text(errors="replace")
    ]

    assert offenders == []


@pytest.mark.parametrize(("marker", "room"), [("browser", "e2e"), ("faults", "faults")])
def test_what_runs_by_itself_stands_in_one_room(marker, room):
    """``.ci/run`` reads only that folder in the marker's own step."""
    mark = f"pytest.mark.{marker}"
    marked = {
        path.relative_to(ROOT / "tests").parts[0]
        for path in (ROOT / "tests").rglob("*.py")
        if any(
            mark == ast.unparse(node)
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.Attribute)
        )
    }

    assert marked == {room}
