"""The report in a browser."""
from __future__ import annotations

import re
from typing import Any, Iterator

import pytest
from conftest import Finished
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    options = webdriver.ChromeOptions()
    for argument in (
        "headless=new",
        "no-sandbox",
        "disable-gpu",
        "window-size=1200,900",
    ):
        options.add_argument(f"--{argument}")
    capabilities = {"browser": "ALL", "performance": "ALL"}
    options.set_capability("goog:loggingPrefs", capabilities)
    driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
    yield driver
    driver.quit()


@pytest.fixture(scope="module")
def page(browser: Any, default_run: Finished) -> Any:
    """The report of the default run."""
    browser.get((default_run.folder / "index.html").as_uri())
    return browser


def test_the_title_gives_the_answer(page: Any, default_run: Finished) -> None:
    assert page.title.startswith("wspcheck: reference conforms, wine-winsock does not ")
    headings = [one.text for one in page.find_elements(By.CSS_SELECTOR, "h1")]
    assert headings == [
        "The reference provider conforms",
        "Wine's Winsock does not conform",
    ]


def test_a_sentence_a_provider_says_where(page: Any, default_run: Finished) -> None:
    sentences = [one.text for one in page.find_elements(By.CLASS_NAME, "sentence")]
    for text, provider in zip(
        sentences, default_run.read("summary.json")["profiles"], strict=True
    ):
        assert provider["sentence"].lower().endswith(text.lower())


def test_the_matrix_has_a_cell_an_entry_and_requirement(
    page: Any, default_run: Finished
) -> None:
    providers = default_run.read("summary.json")["profiles"]
    rows = page.find_elements(By.CSS_SELECTOR, "#matrix tbody tr")
    assert len(rows) == len(providers[0]["requirements"])
    cells = page.find_elements(By.CSS_SELECTOR, "#matrix tbody td")
    entries = len({(one["profile"], one["entry"]) for one in default_run.results})
    assert len(cells) == entries * len(rows)
    letters = {one.text for one in cells}
    assert letters <= set("PTFCHB–·") and {"P", "F", "T"} <= letters


def test_a_cell_leads_to_the_section_of_its_verdict(
    page: Any, default_run: Finished
) -> None:
    cell = page.find_element(By.CSS_SELECTOR, "#matrix td a.fail")
    requirement = cell.get_attribute("title").split(",")[0]
    page.execute_script("arguments[0].click()", cell)
    target = page.execute_script(
        "return document.getElementById(decodeURIComponent(location.hash.slice(1)))"
    )
    assert target.get_attribute("open") and target.is_displayed()
    text = target.text
    for word in (requirement, "Expected", "Observed", "WSPRecvDisconnect(", "fail"):
        assert word in text
    again = re.search(r"runners/run --profile (\S+) --entry (\S+) --case (\S+)", text)
    assert again and "/".join(again.groups()) in default_run.verdicts


def test_every_link_leads_somewhere(page: Any) -> None:
    dangling = page.execute_script(
        "return Array.from(document.querySelectorAll('a[href]'))"
        ".map(a => a.getAttribute('href'))"
        ".filter(h => !h.startsWith('#') || !document.getElementById(h.slice(1)))"
    )
    assert dangling == []


def test_every_verdict_has_a_section_and_the_list_can_be_narrowed(
    page: Any, default_run: Finished
) -> None:
    count = len(default_run.results)
    assert len(page.find_elements(By.CSS_SELECTOR, "details.verdict")) == count
    shown = page.find_element(By.CSS_SELECTOR, "#filter output")
    assert shown.text == f"{count} of {count} verdicts"
    page.find_element(By.NAME, "text").send_keys("udp6 slot.is_code")
    assert shown.text == f"2 of {count} verdicts"


def test_it_fits_a_phone(page: Any) -> None:
    size = {"width": 360, "height": 740, "deviceScaleFactor": 2, "mobile": True}
    page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    width = page.execute_script("return document.documentElement.scrollWidth")
    page.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    assert width <= 360


def test_it_needs_nothing_from_elsewhere_and_complains_of_nothing(page: Any) -> None:
    page.refresh()
    assert page.get_log("browser") == []
    messages = [entry["message"] for entry in page.get_log("performance")]
    requests = [one for one in messages if '"Network.requestWillBeSent"' in one]
    urls = {
        url
        for one in requests
        for url in re.findall(r'"request":\{.*?"url":"([^"]+)"', one)
    }
    assert urls and all(url.startswith(("file:", "data:")) for url in urls), urls
