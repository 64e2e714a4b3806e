// The page's own script: moves between addresses, keeps the keyboard and input methods right, copies, remembers.
// A view is its address (?tab=…&q=…); the room's hidden button #go-<room> asks the server for that view.
(() => {
  "use strict";
  const ROOMS = ["ask", "similar", "library", "map", "evaluate"];
  const MAX_IN_ADDRESS = 1500; // characters of a proposal that go into the address; a longer one stays in its box
  const LOADING_MS = 1500; // a first answer that takes longer waits for the model
  const REDRAWN_MS = 500; // within which an answer that has come is on the page
  const texts = () => JSON.parse(document.getElementById("bc-texts").textContent);
  const params = () => new URLSearchParams(location.search);
  const room = () => (ROOMS.includes(params().get("tab")) ? params().get("tab") : "ask");
  const box = (name) => document.querySelector(`#${name}-box textarea, #${name}-box input`);
  const stored = (key, fallback) => {
    try { return JSON.parse(localStorage.getItem("baycase." + key)) ?? fallback; } catch { return fallback; }
  };
  const store = (key, value) => {
    try { localStorage.setItem("baycase." + key, JSON.stringify(value)); } catch { /* private mode: nothing is kept */ }
  };
  let begun = false;
  let answered = false; // whether a question was answered since the page was opened
  let waiting = 0;

  const LANG = document.documentElement.lang; // as the server wrote it; Gradio sets the browser's own later
  const language = () => LANG;
  new MutationObserver(() => {
    if (document.documentElement.lang !== LANG) document.documentElement.lang = LANG;
  }).observe(document.documentElement, { attributes: true, attributeFilter: ["lang"] });

  function setBox(name, words) {
    const field = box(name);
    if (!field || field.value === words) return;
    const setter = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), "value").set;
    setter.call(field, words);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function showRoom() {
    const now = room();
    document.documentElement.dataset.room = now;
    for (const link of document.querySelectorAll("a[data-room]")) {
      if (link.dataset.room === now) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    for (const link of document.querySelectorAll("a[data-lang]")) {
      const to = params();
      to.set("tab", now);
      to.set("lang", link.dataset.lang);
      link.href = "?" + to;
    }
  }

  function busy(name) {
    const result = document.getElementById(name + "-result");
    if (!result) return;
    result.setAttribute("aria-busy", "true");
    result.classList.add("bc-busy");
    say(texts()["wait.busy"]);
    clearTimeout(waiting);
    if (!answered && box(name)) waiting = setTimeout(() => { result.dataset.wait = texts()["wait.model"]; say(result.dataset.wait); }, LOADING_MS);
  }

  function say(words) {
    const live = document.getElementById("bc-live");
    if (live) live.textContent = words;
  }

  function click(selector) {
    const found = document.querySelector(selector);
    if (found) (found.matches("button") ? found : found.querySelector("button"))?.click();
  }

  // What the address says: the room, the boxes, the filters; then the server fills the room.
  function apply() {
    showRoom();
    const now = room();
    setBox(now, params().get("q") ?? "");
    setFilters();
    busy(now);
    click("#go-" + now);
  }

  function go(search) {
    if (search !== location.search) history.pushState(null, "", search || "?");
    apply();
  }

  // -- the rooms ---------------------------------------------------------------------------------

  function filters() {
    const found = {};
    for (const field of document.querySelectorAll("#bc-filters [name]")) if (field.value) found[field.name] = field.value;
    return found;
  }

  function setFilters() {
    for (const field of document.querySelectorAll("#bc-filters [name]")) {
      const value = params().get(field.name) ?? "";
      if (field.tagName === "SELECT" && value && ![...field.options].some((o) => o.value === value)) continue;
      field.value = value;
    }
  }

  function filtersShown() {
    setFilters();
    const active = Object.keys(filters()).length;
    const details = document.getElementById("bc-filters");
    if (details && active) details.open = true;
  }

  // The library is another now: so are the filters, and its room, unless that has been drawn anew already.
  function changed(drawn) {
    click("#go-filters");
    if (drawn) arrived("library");
    else if (room() === "library") click("#go-library");
  }

  function push(fields) {
    const to = new URLSearchParams();
    for (const [name, value] of Object.entries({ ...fields, lang: language() })) if (value) to.set(name, value);
    const search = "?" + to;
    if (search !== location.search) history.pushState(null, "", search);
    showRoom();
    return location.search;
  }

  function ask() {
    const words = box("ask")?.value ?? "";
    remember(words);
    push({ tab: "ask", q: words.trim() ? words : " ", ...filters() });
    busy("ask");
    click("#go-ask");
  }

  function similar(words) {
    const search = push({ tab: "similar", q: words.length <= MAX_IN_ADDRESS ? words : "" });
    busy("similar");
    return search;
  }

  function proposal() { return params().get("q") ?? box("similar")?.value ?? ""; }

  // A view says which address it is of (data-at): only the one asked for last ends the waiting.
  function isShown(name) {
    return document.querySelector(`#${name}-result [data-at]`)?.dataset.at === location.search;
  }

  // The server has answered: mostly the view is drawn already, or will be in a moment.
  function arrived(name) {
    if (room() !== name || isShown(name)) { done(name); return; }
    setTimeout(() => {
      if (room() === name && isBusy(name) && !isShown(name)) click("#go-" + name); // two answers overtook each other
    }, REDRAWN_MS);
  }

  function isBusy(name) { return document.getElementById(name + "-result")?.hasAttribute("aria-busy"); }

  function done(name) {
    const result = document.getElementById(name + "-result");
    if (!result) return;
    result.removeAttribute("aria-busy");
    result.classList.remove("bc-busy");
    clearTimeout(waiting);
    delete result.dataset.wait;
    answered ||= params().has("q");
    requestAnimationFrame(() => {
      document.documentElement.dataset.ready = name; // tests and screenshots wait for this
      const heading = result.querySelector(".bc-verdict, h2");
      say(heading ? heading.textContent : "");
      showHistory();
      theme();
    });
  }

  // A room's content may be drawn after its answer has come: end the waiting, and go to the marked place, when it is there.
  function watchRooms() {
    for (const name of ROOMS) {
      const result = document.getElementById(name + "-result");
      if (result) new MutationObserver(() => { if (isBusy(name) && isShown(name)) done(name); }).observe(result, { childList: true, subtree: true });
    }
    new MutationObserver(() => {
      const place = document.querySelector("#bc-at:not([data-seen])");
      if (!place) return;
      place.dataset.seen = "";
      place.scrollIntoView({ block: "center" });
      place.focus({ preventScroll: true });
    }).observe(document.getElementById("library-result"), { childList: true, subtree: true });
  }

  // -- what this browser asked -------------------------------------------------------------------

  function remember(words) {
    if (!words.trim()) return;
    const kept = stored("history", []).filter((q) => q !== words);
    store("history", [words, ...kept].slice(0, 30));
  }

  function showHistory() {
    const list = document.getElementById("bc-history");
    if (!list) return;
    const kept = stored("history", []);
    list.closest("details").hidden = kept.length === 0;
    list.replaceChildren(...kept.map((words) => {
      const link = document.createElement("a");
      link.textContent = words;
      link.href = "?" + new URLSearchParams({ tab: "ask", q: words, lang: language() });
      link.dataset.go = "";
      const item = document.createElement("li");
      item.append(link);
      return item;
    }));
  }

  // -- light and dark ----------------------------------------------------------------------------

  function theme() {
    const wanted = stored("theme", null);
    if (wanted) document.body.classList.toggle("dark", wanted === "dark");
    document.documentElement.classList.toggle("bc-converted-on", stored("converted", false));
    for (const button of document.querySelectorAll("[data-converted]")) button.setAttribute("aria-pressed", String(stored("converted", false)));
  }

  // -- who has logged in -------------------------------------------------------------------------

  function showUser() {
    const place = document.querySelector(".bc-user");
    if (place) place.textContent = document.documentElement.dataset.user ?? "";
  }

  document.addEventListener("submit", (event) => {
    if (event.target.matches(".bc-logout")) store("history", []); // the next at this machine need not see what was asked
  });

  // -- events, delegated: what is drawn anew needs no listener of its own ---------------------------

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-go]");
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0) {
      event.preventDefault();
      go(new URL(link.getAttribute("href"), location.href).search); // an SVG link's href is no string
      return;
    }
    const button = event.target.closest("button");
    if (!button) return;
    const t = texts();
    if (button.id === "ask-button") {
      ask(); // at once: the way through Gradio's events would take its time before anything turns
    } else if (button.dataset.skip !== undefined) {
      const target = box(room()) ?? document.getElementById("room-" + room());
      target.tabIndex = target.matches("textarea, input") ? 0 : -1;
      target.focus();
    } else if (button.dataset.copy !== undefined) {
      copy(button.dataset.copy).then(() => flash(button, t["cite.copied"]));
    } else if (button.dataset.feedback) {
      feedback(button, t);
    } else if (button.dataset.theme !== undefined) {
      store("theme", document.body.classList.contains("dark") ? "light" : "dark");
      theme();
    } else if (button.dataset.converted !== undefined) {
      store("converted", !stored("converted", false));
      theme();
    } else if (button.dataset.clearHistory !== undefined) {
      store("history", []);
      showHistory();
    } else if (button.dataset.remove) {
      if (!confirm(button.dataset.confirm)) return;
      window.baycase.removing = button.dataset.remove;
      history.pushState(null, "", "?" + new URLSearchParams({ tab: "library", lang: LANG }));
      busy("library");
      click("#go-remove");
    } else if (button.dataset.clearFilters !== undefined) {
      for (const field of document.querySelectorAll("#bc-filters [name]")) field.value = "";
      ask();
    } else if (button.dataset.applyFilters !== undefined) {
      ask();
    }
  });

  // A form that is sent by the browser leaves the page, for Gradio, which closes its connections: fetch the file instead.
  document.addEventListener("submit", async (event) => {
    const form = event.target, button = event.submitter;
    if (!form.matches('form[action="/briefing"]')) return;
    event.preventDefault();
    const answer = await fetch("/briefing", { method: "POST", body: new URLSearchParams(new FormData(form, button)) }).catch(() => null);
    if (!answer?.ok) { flash(button, texts()["error.title"]); return; }
    const link = document.createElement("a");
    link.href = URL.createObjectURL(await answer.blob());
    link.download = /filename="([^"]+)"/.exec(answer.headers.get("content-disposition") ?? "")?.[1] ?? "briefing";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  });

  async function copy(words) {
    try {
      await navigator.clipboard.writeText(words);
    } catch { // plain http on another address has no clipboard API
      const area = document.createElement("textarea");
      area.value = words;
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
  }

  function flash(button, words) {
    const before = button.dataset.label ?? button.textContent;
    button.dataset.label = before;
    button.textContent = words;
    say(words);
    setTimeout(() => { button.textContent = before; }, 1500);
  }

  async function feedback(button, t) {
    const { feedback: verdict, query, doc, start, end } = button.dataset;
    const answer = await fetch("/feedback", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ verdict, query, doc_id: doc, start: Number(start), end: Number(end) }),
    }).catch(() => null);
    if (answer?.ok) {
      for (const each of button.parentElement.querySelectorAll("[data-feedback]")) each.setAttribute("aria-pressed", String(each === button));
    }
    flash(button, answer?.ok ? t["feedback.thanks"] : t["feedback.failed"]);
  }

  // Word glosses: hover, tap or focus.
  function gloss(event) {
    const word = event.target.closest?.(".bc-word");
    let tip = document.getElementById("bc-tip");
    if (!word) { tip?.remove(); return; }
    if (!tip) {
      tip = document.createElement("div");
      tip.id = "bc-tip";
      tip.setAttribute("role", "tooltip");
      document.body.append(tip);
    }
    tip.textContent = `${word.textContent}: ${word.dataset.gloss}`;
    const at = word.getBoundingClientRect();
    tip.style.left = Math.max(4, Math.min(at.left, innerWidth - tip.offsetWidth - 8)) + "px";
    tip.style.top = (at.bottom + 4 + tip.offsetHeight > innerHeight ? at.top - tip.offsetHeight - 4 : at.bottom + 4) + "px";
  }
  document.addEventListener("pointerover", gloss);
  document.addEventListener("pointerdown", gloss);

  // Keys come here before Gradio sees them. While an input method composes, Enter belongs to it alone.
  window.addEventListener("keydown", (event) => {
    const field = event.target;
    const typing = field.matches?.("input, textarea, select, [contenteditable]");
    if (event.key === "Enter" && field.closest?.("#ask-box, #bc-filters")) {
      const composing = event.isComposing || event.keyCode === 229;
      if (composing) { event.stopImmediatePropagation(); return; }
      if (field.matches("button, summary")) return;
      if (event.shiftKey) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      ask();
    } else if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      const target = box(room()) ?? box("ask");
      if (!target) return;
      if (!box(room())) go("?" + new URLSearchParams({ tab: "ask", lang: language() }));
      event.preventDefault();
      target.focus();
    } else if (event.key === "Escape") {
      document.getElementById("bc-tip")?.remove();
    }
  }, true);

  // Gradio takes Shift+Enter, which is a new line here, for a submission.
  window.addEventListener("keypress", (event) => {
    if (event.key === "Enter" && event.target.closest?.("#ask-box, #similar-box")) event.stopImmediatePropagation();
  }, true);

  window.addEventListener("popstate", () => begun && apply());

  // Gradio's own words (drop a file here) follow the browser's language: let them follow the page's.
  const tag = { "zh-Hans": "zh-CN", "zh-Hant": "zh-TW" }[LANG] ?? "en";
  Object.defineProperty(navigator, "language", { get: () => tag });
  Object.defineProperty(navigator, "languages", { get: () => [tag] });
  document.documentElement.dataset.room = room();
  window.baycase = {
    go, similar, proposal, arrived, done, filtersShown, changed, removing: "",
    begin() {
      begun = true;
      watchRooms();
      theme();
      showUser();
      showRoom();
      showHistory();
      apply();
      click("#go-filters");
      if (room() === "ask" && !params().get("q")) box("ask")?.focus({ preventScroll: true });
    },
  };
})();
