"""PDF: pages, what is not the text, and lines that go on."""

from baycase.corpus.reader import read_path
from tests.corpus.formats import making

ENGLISH = [
    "The scheme allows eligible private cars of Hong Kong and Macao to enter Guang-",
    "dong through the bridge without a regular quota. Insurance that was under-",
    "written in Hong Kong or Macao is recognised, and claims are settled in the pro-",
    "vince. By the end of 2023 some 111,000 users had registered, and 64,000 plates",
    "had been issued. The cross-boundary information system lets owners apply on-",
    "line without leaving home, and shares data among police, customs and ports.",
]


def test_every_field_names_its_page(tmp_path, shipped):
    path = making.cases_pdf(tmp_path / "a.pdf", shipped)
    pages = []
    for document in read_path(path):
        assert document.case
        for passage in document.passages:
            first, last = (document.source_map.page(at) for at in (passage.span.start, passage.span.end - 1))
            assert first and last and 0 <= last - first <= 1
            pages.append(first)
    assert pages == sorted(pages) and pages[0] == 1 and pages[-1] > 5


def test_the_map_leads_to_the_same_characters(tmp_path, shipped):
    import pypdfium2

    path = making.cases_pdf(tmp_path / "a.pdf", shipped[:3])
    with pypdfium2.PdfDocument(path) as opened:
        source = "\n".join(line for page in opened for line in page.get_textpage().get_text_range().split("\r\n"))
    for document in read_path(path):
        for piece in document.source_map.pieces:
            ours = document.text[piece.start : piece.start + piece.length]
            assert source[piece.source_start : piece.source_start + piece.length] == ours


def test_running_headers_footers_and_numbers_go_and_like_lines_of_the_text_stay(tmp_path):
    lines = []
    for number in range(1, 9):
        lines += [
            (0, f"案例{number}：第{number}个案例的题目"),
            (0, "报送单位：省法院"),
            (2, f"这是第{number}个案例的正文，只有一句话。"),
        ]
    path = making.pdf(tmp_path / "a.pdf", lines, footer="第 {} 页 共 8 页", a_page=3)
    documents = list(read_path(path))
    assert [document.case.number for document in documents if document.case] == list(range(1, 9))
    text = "\n".join(document.text for document in documents)
    assert making.HEADER not in text and "共 8 页" not in text
    assert text.count("报送单位：省法院") == 8 and "这是第8个案例的正文，只有一句话。" in text


def test_hyphenated_english_is_joined(tmp_path):
    path = making.pdf(tmp_path / "a.pdf", [(0, line) for line in ENGLISH], header="", footer="{}", size=11)
    text = "\n".join(document.text for document in read_path(path))
    assert "\n" not in text.strip() and "claims are settled" in text and "plates had been issued" in text
    assert "cross-boundary" in text and "\ufffe" not in text


def test_a_page_too_short_to_show_its_width_is_joined_by_its_lines(tmp_path):
    lines = making.wrapped(
        "拟推动香港与内地电子健康卡互认，允许香港居民在大湾区内地医院使用香港医疗券结算。同时建立跨境转诊的绿色通道。",
        28,
        2,
    )
    path = making.pdf(tmp_path / "a.pdf", [(2, lines[0]), *((0, line) for line in lines[1:])], header="", footer="1")
    (document,) = read_path(path)
    assert document.text == "".join(lines)
    assert {piece.page for piece in document.source_map.pieces} == {1}
