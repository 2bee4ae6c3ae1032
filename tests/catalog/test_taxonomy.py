"""Loading the category tree, its names, and attribute rules."""

from __future__ import annotations

import json

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from apps.catalog import services
from apps.catalog.category_rules import fold_name, read_taxonomy
from apps.catalog.category_selectors import list_specs, search_categories
from apps.catalog.models import AttributeRule, Category, CategoryName
from apps.common.errors import DomainError
from apps.journal.models import JournalEntry
from tests.catalog.conftest import CHINESE, ENGLISH, RULES

HEAD = "# Google_Product_Taxonomy_Version: 2021-09-21\n"


def load(tmp_path, text, actor, now, **options):
    path = tmp_path / "tree.txt"
    path.write_text(text, encoding="utf-8")
    return services.import_categories(path, actor=actor, now=now, **options)


def test_the_tree_knows_parents_depths_leaves_and_paths(tree):
    pendant = tree["900012"]

    assert (pendant.name, pendant.depth, pendant.is_leaf) == ("Pendant Lamps", 3, True)
    assert pendant.parent == tree["900011"]
    assert pendant.lineage == "900010/900011/900012"
    assert pendant.path == "House Things > Lamps > Pendant Lamps"
    assert (tree["900011"].is_leaf, tree["1"].parent) == (False, None)
    assert (pendant.source, pendant.version) == ("google", "2021-09-21")


def test_the_same_file_again_changes_nothing(tree, actor, now):
    before = list(Category.objects.order_by("pk").values())
    entries = JournalEntry.objects.count()
    load = services.import_categories(ENGLISH, actor=actor, now=now)
    names = services.import_categories(CHINESE, language="zh-hans", actor=actor, now=now)

    assert (load.added, load.changed, load.retired) == (0, 0, 0)
    assert not names.is_change
    assert list(Category.objects.order_by("pk").values()) == before
    assert JournalEntry.objects.count() == entries


def test_what_is_gone_becomes_inactive_and_comes_back(tree, tmp_path, actor, now):
    lines = ENGLISH.read_text().splitlines(keepends=True)
    shorter = "".join(line for line in lines if not line.startswith("900012"))
    gone = load(tmp_path, shorter, actor, now, accept_loss=True)
    pendant, lamps = Category.objects.get(code="900012"), Category.objects.get(code="900011")

    assert (gone.retired, gone.added) == (1, 0)
    assert (pendant.is_active, lamps.is_leaf) == (False, True)
    assert search_categories("pendant") == []

    back = load(tmp_path, "".join(lines), actor, now)
    assert (back.added, back.changed) == (0, 2)
    assert Category.objects.get(code="900012").is_active


def test_a_file_that_lost_much_is_not_taken_by_itself(tree, tmp_path, actor, now):
    with pytest.raises(DomainError) as refused:
        load(tmp_path, HEAD + "1 - Animals & Pet Supplies\n", actor, now)

    assert refused.value.code == "catalog.taxonomy_loss"
    assert Category.objects.filter(is_active=True).count() == 10


def test_a_category_may_move_and_be_renamed(tree, tmp_path, actor, now):
    text = ENGLISH.read_text().replace(
        "900021 - Garden Things > Lamps", "900021 - House Things > Outdoor Lamps"
    )
    load(tmp_path, text, actor, now)
    moved = Category.objects.get(code="900021")

    assert (moved.parent, moved.lineage) == (tree["900010"], "900010/900021")
    assert Category.objects.get(code="900020").is_leaf


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        (HEAD + "1 - A\nnonsense\n", 3, "not of the form"),
        (HEAD + "1 - A\n1 - B\n", 3, "came before, in line 2"),
        (HEAD + "1 - A\n2 - A\n", 3, "came before, as 1"),
        (HEAD + "1 - A\n2 - B > C\n", 3, "“B”, is missing"),
        (HEAD + "1 - A\n2 - A >  > C\n", 3, "is empty"),
        (HEAD + f"1 - {'x' * 121}\n", 2, "at most 120"),
        ("1 - A\n", 1, "no head"),
        (HEAD, 1, "no categories"),
        ("", 1, "no head"),
    ],
)
def test_bad_lines_are_told_by_number_and_nothing_is_loaded(tmp_path, actor, now, text, line, why):
    with pytest.raises(DomainError) as refused:
        load(tmp_path, text, actor, now)

    assert f"Line {line}: " in refused.value.message
    assert why in refused.value.fields[f"line {line}"]
    assert not Category.objects.exists()


def test_all_bad_lines_are_told_at_once():
    read = read_taxonomy([HEAD, "x", "1 - A", "y"])

    assert [problem.line for problem in read.problems] == [2, 4]


def test_names_of_unknown_numbers_are_refused(tree, tmp_path, actor, now):
    with pytest.raises(DomainError) as refused:
        load(tmp_path, HEAD + "4711 - 未知\n", actor, now, language="zh-hans")

    assert "no category 4711" in refused.value.message
    assert CategoryName.objects.count() == 5


def test_a_file_that_is_no_text_is_refused(tmp_path, actor, now, db):
    path = tmp_path / "tree.txt"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DomainError, match="UTF-8"):
        services.import_categories(path, actor=actor, now=now)


def test_the_commands_say_what_they_did(db, capsys, tmp_path):
    call_command("import_categories", str(ENGLISH))
    call_command("import_categories", str(CHINESE), "--language", "zh-hans")
    call_command("import_attribute_rules", str(RULES))
    told = capsys.readouterr().out

    assert "2021-09-21: 10 read, 10 new, 0 changed, 0 no longer in use" in told
    assert "5 read, 5 new" in told
    assert "tests 1: 7 read, 7 written, 0 no longer in use" in told
    with pytest.raises(CommandError, match="There is no file"):
        call_command("import_categories", str(tmp_path / "none"))
    (tmp_path / "bad").write_text("nonsense")
    with pytest.raises(CommandError, match="Line 1"):
        call_command("import_categories", str(tmp_path / "bad"))


def test_search_reads_number_words_and_the_readers_language(tree, django_assert_num_queries):
    assert [item.code for item in search_categories("900012")] == ["900012"]
    assert [item.code for item in search_categories("lamps")] == ["900021", "900011", "900012"]
    assert [item.code for item in search_categories("house pendant")] == ["900012"]
    assert search_categories("  ") == []
    assert search_categories("%") == []
    with translation.override("zh-hans"), django_assert_num_queries(2):
        found = search_categories("灯具")
    assert [(item.code, item.name) for item in found] == [("900011", "灯具"), ("900012", "吊灯")]


@pytest.mark.parametrize("name", ["ＬＡＭＰＳ", " lamps  ", "Lamps"])
def test_names_are_folded(name):
    assert fold_name(name) == "lamps"


def test_rules_are_inherited_and_replaced_further_down(tree, django_assert_num_queries):
    with django_assert_num_queries(1):
        specs = {spec.key: spec for spec in list_specs(tree["900012"])}

    assert list(specs) == ["material", "colour", "power", "is_dimmable", "tested_on"]
    assert (specs["material"].kind, specs["material"].category) == ("multi_choice", "900011")
    assert specs["colour"].category == "900010"
    assert {spec.key: spec.kind for spec in list_specs(tree["900010"])}["material"] == "text"
    assert list_specs(tree["1"]) == []
    assert len(specs["power"].markets) == 27


def test_labels_are_in_the_readers_language(tree):
    with translation.override("zh-hans"):
        assert list_specs(tree["900010"])[0].label == "材质"


def test_rules_again_change_nothing_and_gone_ones_end(tree, tmp_path, actor, now):
    again = services.import_attribute_rules(RULES, actor=actor, now=now)
    document = json.loads(RULES.read_text())
    document["rules"] = document["rules"][1:]
    path = tmp_path / "rules.json"
    path.write_text(json.dumps(document))
    shorter = services.import_attribute_rules(path, actor=actor, now=now)

    assert (again.written, again.retired) == (0, 0)
    assert (shorter.written, shorter.retired) == (0, 1)
    assert [spec.key for spec in list_specs(tree["900010"])] == ["colour"]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"category": "4711"}, "no category 4711"),
        ({"type": "colour"}, "rules[0].type"),
        ({"key": "Bad Key"}, "rules[0].key"),
        ({"strange": 1}, "strange"),
        ({"type": "choice"}, "needs its choices"),
        ({"type": "choice", "choices": ["A", " A"]}, "stands twice"),
        ({"choices": ["A"]}, "only a choice"),
        ({"min": "1"}, "only a number"),
        ({"type": "number", "min": "2", "max": "1"}, "min is above max"),
        ({"type": "number", "min": "0.00001"}, "4 decimals"),
        ({"type": "date", "pattern": "x"}, "only text"),
        ({"min_length": 5, "max_length": 4}, "min_length is above"),
        ({"pattern": "("}, "no regular expression"),
        ({"markets": ["DE"]}, "need required"),
    ],
)
def test_bad_rules_are_told_and_none_is_loaded(tree, tmp_path, actor, now, change, why):
    rule = {"category": "1", "key": "size", "label": "Size", "type": "text", **change}
    path = tmp_path / "rules.json"
    path.write_text(json.dumps({"source": "more", "version": "1", "rules": [rule]}))
    with pytest.raises(DomainError) as refused:
        services.import_attribute_rules(path, actor=actor, now=now)

    assert why in refused.value.message
    assert not AttributeRule.objects.filter(source="more").exists()


def test_a_rule_of_another_source_is_not_overwritten(tree, tmp_path, actor, now):
    document = json.loads(RULES.read_text()) | {"source": "others"}
    path = tmp_path / "rules.json"
    path.write_text(json.dumps(document))
    with pytest.raises(DomainError, match="another source"):
        services.import_attribute_rules(path, actor=actor, now=now)
