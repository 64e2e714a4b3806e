"""The main text of pages, a line a block."""

import pytest

from baycase.corpus.reader import read_path


def text_of(tmp_path, page: str | bytes) -> str:
    path = tmp_path / "page.html"
    path.write_bytes(page if isinstance(page, bytes) else page.encode("utf-8"))
    return "\n".join(document.text for document in read_path(path))


@pytest.mark.parametrize(
    "body, lines",
    [
        ("<p>一</p><div>二<br>三</div>四", ["一", "二", "三", "四"]),
        ("<p>一<b>二</b><span>三</span> 四</p>", ["一二三 四"]),
        ("<p>粤港澳\n      大湾区</p><p>Greater\n  Bay   Area</p>", ["粤港澳大湾区", "Greater Bay Area"]),
        ("<h2>第一章</h2><p>正文。</p>", ["第一章", "正文。"]),
        ("<ul><li>甲<li>乙</ul>", ["甲", "乙"]),
        ("<ol><li>甲<li><p>乙</p></ol>", ["1. 甲", "2. 乙"]),
        ("<ol start=3 type=I><li>甲<li value=9>乙</ol>", ["III. 甲", "IX. 乙"]),
        ("<ol type=a><li>甲<ol><li>子</ol><li>乙</ol>", ["a. 甲", "1. 子", "b. 乙"]),
        ("<ol start=x><li>甲</ol>", ["1. 甲"]),
        (
            "<table><tr><td>年</td><td><p>数</p></td></tr><tr><td>2023</td><td>84</td></tr></table>",
            ["年 | 数", "2023 | 84"],
        ),
        ("<table><tr><th>报送单位</th><td>省法院</td></tr></table>", ["报送单位：省法院"]),
        ("<table><tr><td><p>一</p><p>二</p></td><td>三</td></tr></table>", ["一", "二", "三"]),
        ("<pre>一  二\n三</pre>", ["一 二", "三"]),
        ("<p>a &lt;b&gt; &amp; &#20013;&nbsp;</p>", ["a <b> & 中"]),
        ("<p>看<a href=x>这里</a>。</p><img alt=图><video>v</video>", ["看这里。"]),
    ],
)
def test_blocks_are_lines(body, lines, tmp_path):
    assert text_of(tmp_path, f"<html><body>{body}</body></html>").split("\n") == lines


@pytest.mark.parametrize(
    "part",
    [
        "<script>var x = '假'</script>", "<style>假 {}</style>", "<nav>假</nav>", "<noscript>假</noscript>",
        "<!-- 假 -->",
        "<template><p>假</p></template>", "<header>假</header>", "<footer>假</footer>", "<aside>假</aside>",
        "<p hidden>假</p>",
        "<p style='display: none'>假</p>", "<div class='nav-bar menu'>假</div>", "<div id=footer>假</div>",
        "<select><option>假</select>",
        "<div role=navigation>假</div>", "<ul><li><a>假</a><li><a>假二</a><li><a>假三</a><li><a>假四</a></ul>",
    ],
)  # fmt: skip
def test_what_is_not_the_text_is_left_out(part, tmp_path):
    words = "港车北上政策顺利落地实施，符合条件的可以申请。"
    page = f"<html><head><title>假</title></head><body>{part}<p>{words}</p></body></html>"
    assert text_of(tmp_path, page) == words


def test_what_holds_the_text_is_kept_whatever_its_name(tmp_path):
    for page in ("<form><div class=header><p>正文在此。</p></div></form>", "<div id=main-nav>正文在此。</div>"):
        assert text_of(tmp_path, page) == "正文在此。"


def test_the_main_element_is_the_text(tmp_path):
    page = "<div>推荐阅读</div><main><header><h1>标题</h1></header><p>一段正文，长于其余。</p></main><div>电话</div>"
    assert text_of(tmp_path, page) == "标题\n一段正文，长于其余。"


@pytest.mark.parametrize(
    "encoding, declared",
    [
        ("gb18030", "<meta charset='GB2312'>"),
        ("gb18030", '<meta http-equiv="Content-Type" content="text/html; charset=gbk">'),
        ("gb18030", "<meta charset=utf-8>"),  # a lie: what the bytes give counts
        ("gb18030", ""),
        ("utf-8", "<meta charset=no-such>"),
        ("utf-8", "<meta charset=hex>"),
        ("utf-8-sig", "<meta charset=gbk>"),
        ("utf-16", "<meta charset=utf-8>"),
        ("utf-8", '<?xml version="1.0" encoding="UTF-8"?>'),
    ],
)
def test_encodings(encoding, declared, tmp_path):
    words = "粤港澳大湾区规则衔接，机制对接。"
    declaration, head = (declared, "") if declared.startswith("<?") else ("", declared)
    page = f"{declaration}<html><head>{head}</head><body><p>{words}</p></body></html>"
    assert text_of(tmp_path, page.encode(encoding)) == words


def test_big5_by_its_declaration(tmp_path):
    page = "<html><head><meta charset=big5></head><body><p>粵港澳大灣區</p></body></html>"
    assert text_of(tmp_path, page.encode("big5")) == "粵港澳大灣區"


def test_the_map_counts_the_extracted_text(tmp_path):
    path = tmp_path / "page.html"
    path.write_text("<h1>通知</h1><p>一句话。</p>", "utf-8")
    (document,) = read_path(path)
    assert [document.source_map.source_offset(at) for at in range(len(document.text))] == list(
        range(len(document.text))
    )
