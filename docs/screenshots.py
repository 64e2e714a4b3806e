"""Takes the screenshots of every room for the documents, into docs/images: python docs/screenshots.py

Needs Chromium, fonts for Chinese, and the shipped cases in the default library (baycase index). Chinese
text in the pictures is as sharp as the fonts of the machine that took them.
"""

import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

from PIL import Image
from playwright.sync_api import Page, sync_playwright

FOLDER = Path(__file__).with_name("images")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
LARGEST = 250_000  # bytes of a picture
HANS, HANT = "港车北上、澳车北上一共核发了多少副牌证？", "港車北上的保險在內地怎麼認？"
PROPOSAL = "允许澳门居民驾驶澳门机动车经横琴口岸自由进出广东省。推动港澳药品在内地生产。设立太空旅游签证快速通道。"
PROPOSAL_EN = "Allow Macao residents to drive Macao vehicles in Guangdong. Create a fast lane for space tourism visas."
# name: (address, width, height, dark)
VIEWS = {
    "ask-zh-Hans": (f"tab=ask&lang=zh-Hans&q={quote('港车北上的保险在内地怎么认？')}", 1280, 900, False),
    "ask-zh-Hant-dark": (f"tab=ask&lang=zh-Hant&q={quote(HANT)}", 1280, 900, True),
    "ask-en": (
        f"tab=ask&lang=en&q={quote('How is Hong Kong car insurance recognised in the Mainland?')}",
        1280,
        900,
        False,
    ),
    "ask-narrow": (f"tab=ask&lang=zh-Hans&q={quote(HANS)}", 360, 780, False),
    "refused": (f"tab=ask&lang=zh-Hans&q={quote('火星移民需要什么签证？')}", 1280, 700, False),
    "similar": (f"tab=similar&lang=zh-Hans&q={quote(PROPOSAL)}", 1280, 900, False),
    "similar-en": (f"tab=similar&lang=en&q={quote(PROPOSAL_EN)}", 1280, 1000, False),
    "library": ("tab=library&lang=zh-Hant", 1280, 1100, False),
    "library-narrow": ("tab=library&lang=en", 360, 780, True),
    "case": ("tab=library&lang=en&doc=gba-rule-alignment-cases-03", 1280, 900, False),
    "case-source": (
        "tab=library&lang=zh-Hans&doc=gba-rule-alignment-cases-01&start=243&end=307&view=source",
        1280,
        900,
        False,
    ),
    "map": ("tab=map&lang=en", 1280, 1300, True),
    "evaluate": ("tab=evaluate&lang=en", 1280, 1300, False),
}


def main() -> None:
    executable = shutil.which("chromium") or shutil.which("chromium-browser")
    if executable is None:
        sys.exit("Chromium is missing: apt-get install chromium fonts-noto-cjk")
    FOLDER.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "baycase", "ui", "--port", "0", *sys.argv[1:]]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        address = server.stdout.readline().split()[-1]
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
            for name, (search, width, height, dark) in VIEWS.items():
                scheme = "dark" if dark else "light"
                page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
                page.goto(f"{address}/?{search}")
                settle(page)
                if name == "evaluate":
                    page.click("#evaluate-button")
                    page.wait_for_selector("#evaluate-result table", timeout=900_000)
                if name.startswith("similar"):
                    page.click(".bc-matrix details summary >> nth=0")
                page.wait_for_timeout(600)
                path = FOLDER / f"{name}.png"
                page.screenshot(path=path)
                page.close()
                compress(path)
                print(f"{path.name}: {path.stat().st_size // 1000} kB")
            browser.close()
    finally:
        server.terminate()


def settle(page: Page) -> None:
    """Wait until the room shows what the address says."""
    shown = "document.documentElement.dataset.ready && !document.querySelector('[aria-busy=true]')"
    page.wait_for_function(shown, timeout=90_000)


def compress(path: Path) -> None:
    """Few colours are enough for a page; that makes the file a third as large."""
    picture = Image.open(path).convert("RGB").quantize(96, dither=Image.Dither.NONE)
    picture.save(path, optimize=True)
    if path.stat().st_size > LARGEST:
        sys.exit(f"{path} has {path.stat().st_size:,} bytes, at most {LARGEST:,} are meant")


if __name__ == "__main__":
    main()
