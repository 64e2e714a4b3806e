"""Which part of a web page is its text: the article, its headline, and what sites put around them.

By tags and roles, by how the systems that government sites run on name things, and by the words that begin what is
no text (您当前的位置：…). Gives decisions about elements; the text is put together elsewhere.
"""

import re
from collections.abc import Iterator

from lxml import etree  # pyright: ignore[reportAttributeAccessIssue] - no types in the package

_LEFT_OUT = frozenset(
    ("script", "style", "noscript", "template", "iframe", "object", "embed", "svg", "canvas", "audio", "video", "map",
     "form", "button", "select", "textarea", "input", "nav", "aside", "dialog", "menu", "head", "math")
)  # fmt: skip
_OF_THE_PAGE = frozenset(("header", "footer"))  # an article's own are kept
_FURNITURE = re.compile(
    r"(?:^|[-_\s])(?:nav|navbar|navigation|menu|topbar|breadcrumbs?|crumbs?|position|sidebar|share|toolbar|copyright"
    r"|footer|foot|header|head|top|bottom|related|recommend|pagination|pager|qrcode|print|login|search)(?:$|[-_\s\d])"
)
_ROLES = ("navigation", "banner", "contentinfo", "search")
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden")
_ENOUGH = 0.25  # a part with this share of the page's text is no furniture, whatever it is called

_ARTICLE = re.compile(
    r"(?:^|\s)(?:(?:view[-_]?)?trs_u?editor|ucap-content|pages_content|v_news_content|zoom|easysite-news-content"
    r"|(?:article|news|detail|text|main|info|xxgk|doc)[-_]?(?:content|con|cont|body|text))(?:$|\s)"
)
_ARTICLE_SHARE = 0.4  # of the page's text, for an element that only its name says to be the article
_PART_SHARE = 0.08  # of a further part of an article
_LONGEST_HEADLINE = 100  # characters

_AROUND_LONGEST = 200  # characters of what stands around an article, as a block of its own
_WHERE = re.compile(r"(?:您|现在|現在|当前|當前|目前|所在|所处|的){1,6}位置\s*[：:>]")  # with a link
_WHOLE = re.compile(
    r"相[关關](?:新[闻聞]|阅读|閱讀|链接|連結|文章|稿件|信息|文档)[：:]?|[打列]印(?:本[页頁文])?|[关關][闭閉](?:窗口|本页)?|扫一扫.{0,20}|返回(?:顶部|列表)"
)
_LONGEST_LIST = 5_000  # characters of a list of links
_DATE = re.compile(r"[\[(（]?(?:\d{4}[-/.年])?\d{1,2}[-/.月]\d{1,2}日?[\])）]?")
_BEGINNING = re.compile(
    r"(?:分享到?|字[号號体體]|[浏瀏][览覽](?:次数|次數|量)|[阅閱][读讀](?:次数|次數|量)|[点點][击擊](?:次数|次數|率|量)|[上下]一?[篇条條])\s*[：:]"
)


class Article:
    """The decisions about one page; `root` is the element to walk."""

    def __init__(self, page: etree._Element) -> None:
        self._lengths, self._in_links = _lengths(page)
        self._whole = max(self._lengths.get(page, 0), 1)
        self.main = self._main(page)
        self.headline = self._headline_of(page)
        self.root = self.main if self.headline is None else _common(self.headline, self.main)

    def left_out(self, element: etree._Element) -> bool:
        """Whether an element below `root` is none of the text."""
        tag = element.tag
        if not isinstance(tag, str) or tag in _LEFT_OUT:
            return not (tag == "form" and self._share(element) >= _ENOUGH)  # old sites put a form around the page
        if element.get("hidden") is not None or _HIDDEN_STYLE.search(element.get("style") or ""):
            return True
        if self._share(element) >= _ENOUGH:
            return False
        if element.get("aria-hidden") == "true" or element.get("role") in _ROLES:
            return True
        if tag in _OF_THE_PAGE:
            return next(element.iterancestors("article", "main"), None) is None
        if tag in ("div", "ul", "section", "table", "span") and _FURNITURE.search(_names(element)):
            return True
        return self._is_list_of_links(element) or self._stands_around(element)

    def _share(self, element: etree._Element) -> float:
        return self._lengths.get(element, 0) / self._whole

    def _is_list_of_links(self, element: etree._Element) -> bool:
        in_links, count = self._in_links.get(element, (0, 0))
        if element.tag not in ("ul", "div") or count < 4:
            return False
        length = self._lengths.get(element, 0)
        if element.tag == "ul" and length <= _LONGEST_LIST:  # dates stand beside the links
            length -= sum(map(len, _DATE.findall("".join(element.itertext()))))
        return in_links >= 0.8 * length

    def _stands_around(self, element: etree._Element) -> bool:
        if not 0 < self._lengths.get(element, 0) <= _AROUND_LONGEST:
            return False
        words = "".join(element.itertext()).strip()
        if _WHERE.match(words):
            return self._in_links.get(element, (0, 0))[1] > 0
        return bool(_BEGINNING.match(words) or _WHOLE.fullmatch(words))

    def _main(self, page: etree._Element) -> etree._Element:
        """The element that holds the page's main text, by its tag, role or name; the page where there is none."""
        marked = [e for e in page.iter("main", "article") if self._share(e) >= 0.5]
        marked += [e for e in page.iter() if e.get("role") == "main" and self._share(e) >= 0.5]
        found = [e for e in page.iter("div", "td", "section", "article", "ucapcontent") if _ARTICLE.search(_names(e))]
        named = [e for e in found if self._share(e) >= _ARTICLE_SHARE]
        if named:
            main = min(named, key=lambda e: self._lengths[e])
            # An article in several such parts: what holds them all.
            apart = [
                e
                for e in found
                if self._share(e) >= _PART_SHARE and main not in _upwards(e) and e not in _upwards(main)
            ]
            for part in apart:
                main = _common(part, main)
            marked.append(main)
        return min(marked, key=lambda e: self._lengths[e], default=page)

    def _headline_of(self, page: etree._Element) -> etree._Element | None:
        """The last element before the main text that says what the page's title says."""
        title = _words(next(page.iter("title"), None))
        if self.main is page or not title:
            return None
        above = set(self.main.iterancestors())
        found = None
        walk = etree.iterwalk(page, events=("start",))
        for _, element in walk:
            if element is self.main:
                return found
            if element in above:
                continue
            if element.tag == "a" or self.left_out(element):
                walk.skip_subtree()
            elif 0 < self._lengths.get(element, 0) <= _LONGEST_HEADLINE:
                words = _words(element)
                if len(words) >= 4 and words in title:
                    found = element
        return None


def _names(element: etree._Element) -> str:
    return f"{element.get('class') or ''} {element.get('id') or ''}".lower()


def _words(element: etree._Element | None) -> str:
    return "" if element is None else "".join("".join(element.itertext()).split())[:300]


def _common(first: etree._Element, second: etree._Element) -> etree._Element:
    above = {first, *first.iterancestors()}
    return next(each for each in _upwards(second) if each in above)


def _upwards(element: etree._Element) -> Iterator[etree._Element]:
    yield element
    yield from element.iterancestors()


def _lengths(root: etree._Element) -> tuple[dict[etree._Element, int], dict[etree._Element, tuple[int, int]]]:
    """Of each element its characters of text, and (characters in links, number of links)."""
    lengths: dict[etree._Element, int] = {}
    links: dict[etree._Element, tuple[int, int]] = {}
    for _, element in etree.iterwalk(root, events=("end",)):
        length = len((element.text or "").strip())
        inside, count = 0, 0
        if element.tag in ("script", "style", "head", "template", "noscript"):
            length = 0
        else:
            for child in element:
                length += lengths[child] + len((child.tail or "").strip())
                inside, count = inside + links[child][0], count + links[child][1]
        lengths[element] = length
        links[element] = (length, 1) if element.tag == "a" else (inside, count)
    return lengths, links
