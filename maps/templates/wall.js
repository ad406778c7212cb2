// Wall screens. An operator's page sends its address while it is shown on the wall; the wall shows
// that page, and whatever the operator points at, by itself.
"use strict";
(() => {
  const own = document.currentScript;
  const root = new URL("../", own.src);
  const words = own.dataset;
  const asked = new URLSearchParams(location.search);
  const wall = asked.get("wall");
  const screen = wall || "1";

  // A page as the server knows it: its address below the server's own.
  function address() {
    const query = new URLSearchParams(location.search);
    query.delete("wall");
    const text = query.toString();
    return `/${location.pathname.slice(root.pathname.length)}${text ? `?${text}` : ""}${location.hash}`;
  }

  // ---- The operator ----------------------------------------------------------------------------
  const KEY = "fengqiao-wall";
  const AGAIN_MS = 3000;
  let sent = ""; // by this page: loaded again, it is sent again
  let sending = false;
  const following = () => sessionStorage.getItem(KEY) === "1";

  // One address after the other: an earlier one must not come in later than what follows it.
  async function send(button) {
    if (sending) return;
    sending = true;
    try {
      while (following()) {
        if (window.fengqiao && document.body.classList.contains("ready")) fengqiao.write();
        const shown = address();
        if (shown === sent) break;
        await acts.post(`displays/${screen}`, JSON.stringify({ address: shown }));
        sent = shown;
      }
      button.title = "";
      label(button);
    } catch (error) {
      // Without a connection it is tried again. A page that is left comes here too, as its request
      // is given up: the next page goes on.
      const cut = error instanceof TypeError;
      if (cut) setTimeout(() => send(button), AGAIN_MS); else sessionStorage.removeItem(KEY);
      label(button);
      button.title = cut ? words.failed : error.message;
      button.textContent = words.failed;
    } finally {
      sending = false;
    }
  }

  function label(button) {
    button.setAttribute("aria-pressed", String(following()));
    button.textContent = following() ? words.following : words.show;
  }

  function offer() {
    const lang = document.querySelector("header .lang");
    if (!lang) return;
    const button = document.createElement("button");
    button.type = "button";
    button.id = "to-wall";
    button.className = "act";
    label(button);
    lang.before(button);
    let wait = 0;
    const soon = () => { if (following()) { clearTimeout(wait); wait = setTimeout(() => send(button), 200); } };
    button.addEventListener("click", () => {
      if (following()) sessionStorage.removeItem(KEY); else sessionStorage.setItem(KEY, "1");
      button.title = "";
      label(button);
      sent = "";
      soon();
    });
    document.addEventListener("fengqiao:address", soon);
    soon();
  }

  // ---- The wall --------------------------------------------------------------------------------
  const SILENT_MS = 10000; // the server says something more often than that
  let heard = Date.now();
  let lost = null;
  let source = null;
  let first = true;

  function listen() {
    source = new EventSource(new URL(`displays/${screen}/events`, root));
    source.addEventListener("open", hear);
    source.addEventListener("beat", hear);
    source.addEventListener("show", (event) => { hear(); show(JSON.parse(event.data).address); });
    source.addEventListener("error", () => {
      lose();
      if (source.readyState === EventSource.CLOSED) setTimeout(listen, 3000);
    });
  }

  function hear() {
    heard = Date.now();
    lost = null;
    tell();
  }

  function lose() {
    if (lost === null) lost = new Date();
    tell();
  }

  function tell() {
    const note = document.getElementById("lost");
    if (!note) return;
    note.hidden = lost === null;
    if (lost) note.textContent = words.lost.replace("{time}", `${String(lost.getHours()).padStart(2, "0")}:${String(lost.getMinutes()).padStart(2, "0")}`);
  }

  function show(text) {
    const next = new URL(text.slice(1), root);
    const hash = next.hash;
    const again = text === address();
    next.hash = "";
    next.searchParams.set("wall", wall);
    const here = new URL(location.href);
    here.hash = "";
    next.searchParams.sort();
    here.searchParams.sort();
    if (next.href !== here.href) { next.hash = hash; location.replace(next); }
    // The same page once more: it was loaded again, as something has changed in it.
    else if (again && !first && next.pathname.includes("/pages/")) location.reload();
    else if (!again && window.fengqiao) whenReady(() => fengqiao.follow(hash));
    first = false;
  }

  const whenReady = (doing) => { if (document.body.classList.contains("ready")) doing(); else setTimeout(() => whenReady(doing), 50); };

  // What does not fit is left out from the end, and told: nobody scrolls a wall.
  function fit() {
    const panel = document.getElementById("wall-side");
    const rows = [...panel.querySelectorAll(".team-row, .open-case")].map((row) => row.closest("li") || row);
    for (const row of rows) row.hidden = false;
    const posts = panel.querySelector(".posts");
    if (posts) { posts.hidden = false; posts.hidden = panel.scrollHeight > panel.clientHeight; }
    let left = 0;
    for (const row of rows.reverse()) {
      if (panel.scrollHeight <= panel.clientHeight) break;
      row.hidden = true;
      left += 1;
    }
    const more = document.getElementById("wall-more");
    const text = left ? `+ ${left}` : "";
    if (more.textContent !== text) more.textContent = text;
  }

  const SIDE = ["cases", "duty", "patrols", "hazards"];

  // The right side: what goes on now, taken from the overview, or asked for on other pages.
  function side() {
    const panel = document.createElement("aside");
    panel.id = "wall-side";
    const note = document.createElement("p");
    note.id = "lost";
    note.hidden = true;
    note.setAttribute("role", "alert");
    const own_ = SIDE.map((part) => document.querySelector(`[data-part="${part}"]`));
    const parts = own_.map((found, n) => {
      const part = found || document.createElement("section");
      part.dataset.part = SIDE[n];
      return part;
    });
    const more = document.createElement("p");
    more.id = "wall-more";
    panel.append(...parts, more);
    document.body.append(panel, note);
    new MutationObserver(fit).observe(panel, { childList: true, subtree: true });
    fit();
    if (own_.some(Boolean)) return;
    const ask = async () => {
      try {
        const answer = await fetch(new URL(`dashboard/parts?lang=${asked.get("lang") || ""}`.replace(/\?lang=$/, ""), root));
        if (answer.ok) { const told = (await answer.json()).parts; for (const part of parts) if (part.innerHTML !== told[part.dataset.part]) part.innerHTML = told[part.dataset.part]; since(); }
      } catch { /* the events say that the server is gone */ }
    };
    const since = () => { for (const one of panel.querySelectorAll("time.since")) { const s = Math.max(0, Math.round((Date.now() - Date.parse(one.dateTime)) / 1000)); one.textContent = s < 3600 ? `${Math.floor(s / 60)}′${String(s % 60).padStart(2, "0")}″` : `${Math.floor(s / 3600)}:${String(Math.floor(s / 60) % 60).padStart(2, "0")}`; } };
    ask();
    setInterval(ask, 10000);
    setInterval(since, 1000);
  }

  if (wall) {
    document.documentElement.classList.add("wall");
    const style = document.createElement("link");
    style.rel = "stylesheet";
    style.href = new URL("dashboard.css", own.src);
    own.before(style);
  }
  document.addEventListener("DOMContentLoaded", () => {
    if (!wall) { offer(); return; }
    side();
    listen();
    setInterval(() => { if (Date.now() - heard > SILENT_MS) lose(); }, 1000);
  });
})();
