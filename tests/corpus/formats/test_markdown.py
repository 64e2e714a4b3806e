"""Markdown: kept, but for the signs around a case's fields."""

import pytest

from baycase.corpus.reader import read_path


@pytest.mark.parametrize(
    "fields",
    [
        "## 案例三\n\n**案例名称：**港车北上\n\n**报送单位**：省公安厅",
        "### **案例三** ##\n- 案例名称：港车北上\n- **报送单位：省公安厅**",
        "> 案例三\n> __案例名称__：港车北上\n> 报送单位：省公安厅",
    ],
)
def test_fields_lose_their_signs_and_keep_their_place(fields, tmp_path):
    path = tmp_path / "a.md"
    source = f"{fields}\n\n背景。一是**发证**。已发。二是免担保。已免。\n\n# 成效\n好。\n"
    path.write_text(source, "utf-8")
    (document,) = read_path(path)
    assert document.case and document.title == "港车北上"
    assert document.text.startswith("案例三\n")
    assert [unit.of(document.text) for unit in document.case.units] == ["省公安厅"]
    assert "一是**发证**" in document.text and "# 成效" in document.text
    for piece in document.source_map.pieces:
        ours = document.text[piece.start : piece.start + piece.length]
        assert source[piece.source_start : piece.source_start + piece.length] == ours


def test_headings_are_understood(tmp_path):
    path = tmp_path / "a.md"
    path.write_text("# 通知\n\n## 总体要求\n\n推进规则衔接。\n\n## 保障\n\n加强宣传。\n", "utf-8")
    (document,) = read_path(path)
    assert document.title == "通知" and document.text == path.read_text("utf-8")
    assert [passage.section for passage in document.passages] == ["总体要求", "保障"]
