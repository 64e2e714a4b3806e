"""Documents as offices have them, to be read and to be damaged: tables of cases, footnotes, columns, a site."""

import zipfile
from pathlib import Path

from docx import Document as new_docx
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from tests.corpus.formats import making

CASES = [
    (
        "珠海市推行“一单两报”", "珠海市商务局、拱北海关", "粤澳货物过去要在两地各申报一次，费时费力。",
        "一是统一申报要素。合并为一张电子单证。二是打通系统。数据一次录入、两地共用。", "已办理3.2万单。",
    ),
    (
        "前海推进港澳执业资格认可", "深圳市前海管理局", "港澳专业人士到前海执业须重新考试。",
        "一是建立备案制度。备案后即可执业。二是设立服务专窗。提供办事指引。", "1,250名专业人士备案执业。",
    ),
]  # fmt: skip
PARAGRAPHS = [f"第{n}段。" + "".join(case[2:]) for n, case in enumerate(CASES * 5, 1)]


def table_docx(path: Path) -> Path:
    """A table of cases with text around it."""
    word = new_docx()
    word.add_heading("典型案例汇总表", 1)
    table = word.add_table(rows=0, cols=6)
    header = ("序号", "案例\n名称", "报送单位（盖章）", "背景情况", "主要做法", "成效")
    for row in [header, *((str(n), *case) for n, case in enumerate(CASES, 1))]:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text
    word.add_paragraph("联系人：李四。")
    word.save(str(path))
    return path


def footnote_docx(path: Path) -> Path:
    """A footnote that is referred to twice, and from within itself."""
    word, w = new_docx(), nsdecls("w")
    paragraph = word.add_paragraph("按“等效先认”办理")
    paragraph._p.append(parse_xml(f"<w:r {w}><w:footnoteReference w:id='2'/><w:footnoteReference w:id='2'/></w:r>"))
    paragraph.add_run("，保费由两地核定。")
    word.add_paragraph("下一段。")
    plain = path.with_name(f"plain-{path.name}")
    word.save(str(plain))
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"
    mime = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "[Content_Types].xml":
                override = f'<Override PartName="/word/footnotes.xml" ContentType="{mime}"/></Types>'
                data = data.replace(b"</Types>", override.encode())
            if name == "word/_rels/document.xml.rels":
                related = f'<Relationship Id="rF" Type="{kind}" Target="footnotes.xml"/></Relationships>'
                data = data.replace(b"</Relationships>", related.encode())
            new.writestr(name, data)
        new.writestr(
            "word/footnotes.xml",
            f"<w:footnotes {w}><w:footnote w:type='separator' w:id='0'><w:p><w:r><w:t>-</w:t></w:r></w:p></w:footnote>"
            "<w:footnote w:id='2'><w:p><w:r><w:footnoteRef/><w:t> 见《总体方案》第十九条。</w:t>"
            "<w:footnoteReference w:id='2'/></w:r></w:p></w:footnote></w:footnotes>",
        )
    return path


def columns_pdf(path: Path, left: tuple[int, ...] = (60, 310), a_column: int = 15) -> Path:
    """Paragraphs set in columns of 20 characters, each with its first line indented, across pages."""
    pdfmetrics.registerFont(UnicodeCIDFont(making.FONT))
    set_lines = [
        (2 if at == 0 else 0, line) for text in PARAGRAPHS for at, line in enumerate(making.wrapped(text, 20, 2))
    ]
    canvas = Canvas(str(path))
    for first in range(0, len(set_lines), a_column * len(left)):
        canvas.setFont(making.FONT, 11)
        for column, x in enumerate(left):
            start = first + column * a_column
            for row, (indent, line) in enumerate(set_lines[start : start + a_column]):
                canvas.drawString(x + 11 * indent, 740 - 16.5 * row, line)
        canvas.showPage()
    canvas.save()
    return path


ARTICLE = "".join(f"<p>　　{text}</p>" for case in CASES for text in (case[0], *case[2:]))
MENU = "".join(f'<li><a href="/{n}">{name}</a></li>' for n, name in enumerate(("首页", "机构", "新闻", "公开", "服务")))
NEWS = "".join(f'<li><a href="{n}">省里召开第{n}次会议</a><span>2024-07-1{n}</span></li>' for n in range(4))
SITE = f"""<html><head><meta charset="gb2312"><title>我市两项改革经验获推广_某某市政府门户网站</title></head><body>
<div class="wrap"><div class="date">今天是2024年8月1日</div><ul class="mainmenu">{MENU}</ul>
<div class="dqwz">您当前所在位置：<a href="/">首页</a> &gt; <a href="/x">新闻</a></div>
<div class="left"><h1>我市两项改革经验获推广</h1>
<div class="info"><span>发布时间：2024-08-01</span><span>来源：市发展改革委</span>
<span>浏览次数：12</span><a>打印</a></div>
<div class="{{}}">{ARTICLE}
<table><tr><td>指标</td><td>改革后</td></tr><tr><td>时间</td><td>12分钟</td></tr></table></div>
<div class="share">分享到：<a>微信</a></div>
<div class="pn">上一篇：<a href="1">领导调研</a><br>下一篇：<a href="2">宣讲会</a></div></div>
<div class="right"><h3>相关新闻</h3><ul>{NEWS}</ul></div>
<div class="dbottom"><p>主办：某某市人民政府办公室</p><p>粤ICP备05070829号</p></div></div></body></html>"""
_ROWS = "".join(
    f"<tr><td>{n}<td>{case[0]}<td>{case[1]}<td><p>{case[2]}</p><p>{case[3]}</p><td>{case[4]}</tr>"
    for n, case in enumerate(CASES, 1)
)
# An old site, all of tables, one of which is a table of cases.
TABLES = (
    "<title>案例一览</title><table><tr><td><table><tr><td>您的位置：<a href=1>首页</a></td></tr><tr><td id=zoom>"
    f"<p>现公布如下。</p><table><tr><th>序号<th>案例名称<th>报送单位<th>主要做法<th>成效</tr>{_ROWS}</table>"
    "<p>特此公布。</p></td></tr><tr><td>【<a>打印本页</a>】</td></tr></table></td></tr></table>"
)
