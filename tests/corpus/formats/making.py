"""The sixteen cases, and any text, as real files of other formats."""

import re
from pathlib import Path

from docx import Document as new_docx
from docx.enum.text import WD_BREAK
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from openpyxl import Workbook
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from baycase.corpus.records import Document
from baycase.corpus.running_text import display_width

FONT = "STSong-Light"  # every PDF reader has it: nothing is embedded
HEADER, FOOTER = "广东省推进粤港澳大湾区规则衔接机制对接典型案例", "— {} —"
_NEVER_FIRST = "，。；：、！？”’）》】%"


def paragraphs(document: Document) -> list[str]:
    return [line for line in document.text.split("\n") if line.strip()]


def cases_docx(path: Path, documents: list[Document]) -> Path:
    """Headings for the numbers, a paragraph each for the rest, a header and a footer."""
    word = new_docx()
    word.sections[0].header.paragraphs[0].text = HEADER
    word.sections[0].footer.paragraphs[0].text = "— 1 —"
    for document in documents:
        number, *rest = paragraphs(document)
        word.add_heading(number, level=1)
        for text in rest:
            # Word keeps a paragraph in runs wherever somebody has edited it.
            paragraph = word.add_paragraph()
            for start in range(0, len(text), 37):
                paragraph.add_run(text[start : start + 37])
    word.save(str(path))
    return path


def wrapped_docx(path: Path, documents: list[Document]) -> Path:
    """As converters from PDF write it: a paragraph a printed line, some lines parted by breaks."""
    word = new_docx()
    for document in documents:
        for place, text in enumerate(paragraphs(document)):
            lines = wrapped(text, 28, 2) if place > 2 else wrapped(text, 28)
            lines[0] = "\u3000\u3000" + lines[0] if place > 2 else lines[0]
            for at in range(0, len(lines), 2):
                run = word.add_paragraph().add_run(lines[at])
                if at + 1 < len(lines):
                    run.add_break(WD_BREAK.LINE)
                    run.add_text(lines[at + 1])
    word.save(str(path))
    return path


def cases_html(path: Path, documents: list[Document], encoding: str = "utf-8") -> Path:
    """A page of a government site: menus, a script, the article with breadcrumbs, links and a footer around it."""
    links = "".join(f'<li><a href="/{n}">栏目{n}</a></li>' for n in "一二三四五")
    articles = []
    for document in documents:
        number, *rest = paragraphs(document)
        body = "".join(
            f"<p style='text-indent:2em'>\n  {escaped(chr(10).join(wrapped(text, 40)))}\n</p>" for text in rest
        )
        articles.append(f"<h2>{number}</h2>{body}")
    path.write_bytes(
        f"""<!DOCTYPE html><html><head><meta charset="{encoding}"><title>典型案例</title>
        <style>p {{ color: red }}</style><script>var 案例一 = "报送单位：假";</script></head>
        <body><header><a href="/">广东省人民政府</a></header><nav><ul>{links}</ul></nav>
        <div class="breadcrumb">首页 &gt; 政务公开</div>
        <div class="article-content">{"".join(articles)}</div>
        <aside>相关阅读：案例集锦</aside><footer>版权所有 备案号</footer></body></html>""".encode(encoding)
    )
    return path


def cases_markdown(path: Path, documents: list[Document]) -> Path:
    blocks = []
    for document in documents:
        number, title, units, *rest = paragraphs(document)
        label, _, name = units.partition("：")
        blocks += [f"## {number}", f"**{title}**", f"**{label}**：{name}", *rest]
    path.write_text("\n\n".join(blocks) + "\n", "utf-8")
    return path


def cases_rows(documents: list[Document]) -> list[list[str]]:
    rows = [["序号", "案例名称", "报送单位", "正文", "备注"]]
    for document in documents:
        assert document.case
        first_unit, last_unit = document.case.units[0], document.case.units[-1]
        units = document.text[first_unit.start : last_unit.end]
        body = document.text[document.text.index("\n", last_unit.end) + 1 :]
        rows.append([str(document.case.number), document.title, units, body, "略"])
    return rows


def xlsx(path: Path, rows: list[list[str]], title_row: str = "") -> Path:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    if title_row:
        sheet.append([title_row])
    for row in rows:
        sheet.append([int(cell) if cell.isdecimal() else cell for cell in row])
    book.create_sheet("说明").append(["填表说明"])
    book.save(path)
    return path


def cases_pdf(path: Path, documents: list[Document], indents: bool = True, compressed: bool = True) -> Path:
    """Printed on pages: hard-wrapped lines, header, footer, page number; a paragraph's first line is indented,
    or a blank line parts it from the one before."""
    lines: list[tuple[int, str]] = []
    for document in documents:
        for at, text in enumerate(paragraphs(document)):
            indent = 2 if at > 2 and indents else 0
            printed = wrapped(text, 28, indent)
            lines += [(indent if number == 0 else 0, line) for number, line in enumerate(printed)]
            if not indents:
                lines.append((0, ""))
    return pdf(path, lines, compressed=compressed)


def pdf(
    path: Path,
    lines: list[tuple[int, str]],
    header: str = HEADER,
    footer: str = FOOTER,
    a_page: int = 26,
    compressed: bool = True,
    size: int = 16,
) -> Path:
    """Lines, each with its indent in characters, on as many pages as it takes."""
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    canvas = Canvas(str(path), pagesize=A4, pageCompression=int(compressed))
    for page, first in enumerate(range(0, len(lines), a_page), start=1):
        canvas.setFont(FONT, 9)
        canvas.drawString(180, 805, header)
        canvas.setFont(FONT, size)
        for row, (indent, line) in enumerate(lines[first : first + a_page]):
            canvas.drawString(73 + size * indent, 760 - 27 * row, line)
        canvas.setFont(FONT, 12)
        canvas.drawString(285, 40, footer.format(page))
        canvas.showPage()
    canvas.save()
    return path


def wrapped(text: str, width: int, indent: int = 0) -> list[str]:
    """The text in lines of `width` wide characters, as it is set: Latin letters and digits are half as wide and stay
    together, a sign that must not begin a line hangs over the end of the one before."""
    lines, line, room = [], "", 2 * (width - indent)
    for word in re.findall(r"[!-~]+ ?|.", text):
        if line and display_width(line + word.rstrip()) > room and word not in _NEVER_FIRST:
            lines.append(line)
            line, room = "", 2 * width
        line += word
    return [*lines, line]


def listed_docx(path: Path) -> Path:
    """A Word document with what Word documents have: numbered lists, a table, a text box, a field, tracked changes."""
    word = new_docx()
    word.add_heading("关于试点的通知", level=1)
    for text in ("核发电子牌证。", "推出免担保政策。"):
        word.add_paragraph(text, style="List Number")
    word.add_paragraph("不编号的一点。", style="List Bullet")
    table = word.add_table(rows=0, cols=2)
    for label, value in (("案例名称", "港车北上"), ("报送单位", "省公安厅"), ("年份", "2023")):
        cells = table.add_row().cells
        cells[0].text, cells[1].text = label, value
    paragraph = word.add_paragraph("正文")
    paragraph._p.append(
        parse_xml(
            f"<w:r {nsdecls('w')}><w:pict><v:shape xmlns:v='urn:schemas-microsoft-com:vml'><v:textbox><w:txbxContent>"
            "<w:p><w:r><w:t>文本框里的话。</w:t></w:r></w:p></w:txbxContent></v:textbox></v:shape></w:pict></w:r>"
        )
    )
    paragraph._p.append(parse_xml(f"<w:ins {nsdecls('w')} w:id='1' w:author='a'><w:r><w:t>加上的</w:t></w:r></w:ins>"))
    paragraph._p.append(
        parse_xml(f"<w:del {nsdecls('w')} w:id='2' w:author='a'><w:r><w:delText>删去的</w:delText></w:r></w:del>")
    )
    word.save(str(path))
    return path


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")
