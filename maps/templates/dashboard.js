// The overview: layers of a theme when they are wanted, parts that change, the clock, the hours.
"use strict";
(() => {
  const own = document.currentScript;
  const root = new URL("../", own.src);
  const { lang } = own.dataset;
  const fetched = new Map(); // theme -> promise of its layers
  const at = (path) => new URL(`${path}${path.includes("?") ? "&" : "?"}lang=${lang}`, root);
  const shown = new Map(); // part -> its text
  let town = ""; // changes with the town and its answers
  let behind_ms = 0; // this machine's clock against the server's
  let busy = false;

  // ---- The theme of the map --------------------------------------------------------------------
  const chosen = () => document.querySelector("#themes input:checked").dataset.theme;

  async function load(path) {
    const answer = await fetch(at(`dashboard/layers/${path}`));
    if (!answer.ok) throw new Error(answer.statusText);
    return answer.json();
  }

  // The layers of the theme that is shown; they are fetched once.
  async function theme() {
    const name = chosen();
    if (fetched.has(name)) { fetched.get(name).then(({ told }) => holds(name, told), () => {}); return; }
    const note = document.getElementById("loading");
    const wait = setTimeout(() => { note.hidden = false; }, 300);
    fetched.set(name, load(name));
    try {
      const made = await fetched.get(name);
      place(made);
      holds(name, made.told);
      // What is seen from close by only comes after what is seen at once.
      if (made.more) place(await load(`${name}?close=true`));
    } catch { fetched.delete(name); } finally {
      clearTimeout(wait);
      note.hidden = true;
    }
  }

  // What the circles on the map hold for.
  function holds(name, told) {
    const line = document.getElementById("holds");
    if (line && name === chosen()) line.textContent = told ? line.dataset.text.replace("{what}", told) : "";
    document.body.dataset.theme = chosen();
  }

  function place({ layers, items }) {
    Object.assign(fengqiao.data.items, items);
    for (const [name, { features, fields, from_zoom: fromZoom }] of Object.entries(layers)) {
      Object.assign(fengqiao.data.layers[name], { fields, from_zoom: fromZoom });
      fengqiao.put(name, features);
    }
    fengqiao.again();
  }

  // ---- What changes ----------------------------------------------------------------------------
  // A part is drawn anew only if it says something else; what is open or in use stays so.
  function draw(part, html) {
    if (shown.get(part) === html) return;
    const first = !shown.has(part);
    shown.set(part, html);
    const place_ = document.querySelector(`[data-part="${part}"]`);
    if (first && place_.innerHTML.trim() === html.trim()) return;
    const open = new Map([...place_.querySelectorAll("[data-fold]")].map((one) => [one.dataset.fold, one.open]));
    const used = document.activeElement && place_.contains(document.activeElement) ? document.activeElement : null;
    const same = used && (used.dataset.key ? `[data-key="${CSS.escape(used.dataset.key)}"]` : used.getAttribute("aria-label") ? `[aria-label="${CSS.escape(used.getAttribute("aria-label"))}"]` : null);
    const unfolded = [...place_.querySelectorAll("[data-toggle][aria-expanded=true]")].map((one) => one.dataset.toggle);
    const hidden = new Map([...place_.querySelectorAll("[data-with]")].map((one) => [one.dataset.with, one.hidden]));
    place_.innerHTML = html;
    for (const one of place_.querySelectorAll("[data-fold]")) if (open.has(one.dataset.fold)) one.open = open.get(one.dataset.fold);
    for (const key of unfolded) unfold(key, true);
    for (const one of place_.querySelectorAll("[data-with]")) if (hidden.has(one.dataset.with)) one.hidden = hidden.get(one.dataset.with);
    for (const one of place_.querySelectorAll("[data-key]")) if (one.dataset.key === fengqiao.selected()) one.setAttribute("aria-current", "true");
    const again = same && place_.querySelector(same);
    if (again) again.focus({ preventScroll: true });
  }

  function unfold(key, open) {
    const button = document.querySelector(`[data-toggle="${CSS.escape(key)}"]`);
    if (!button) return;
    button.setAttribute("aria-expanded", String(open));
    document.querySelector(`[data-more="${CSS.escape(key)}"]`).hidden = !open;
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-toggle]");
    if (button) unfold(button.dataset.toggle, button.getAttribute("aria-expanded") !== "true");
  });

  let asked = 0;

  async function refresh() {
    const mine = ++asked; // of two answers the later question's counts
    const stale = document.getElementById("stale");
    try {
      const answer = await fetch(at("dashboard/parts"));
      if (answer.status === 401) { location.reload(); return; }
      if (!answer.ok) throw new Error(answer.statusText);
      behind_ms = Date.parse(answer.headers.get("Date")) - Date.now();
      const told = await answer.json();
      if (mine !== asked) return;
      for (const [part, html] of Object.entries(told.parts)) draw(part, html);
      const text = JSON.stringify([told.layers, told.items]);
      if (shown.get("map") !== text) {
        shown.set("map", text);
        place(told);
      }
      if (town && town !== told.town) { fetched.clear(); theme(); }
      town = told.town;
      stale.hidden = true;
    } catch {
      if (stale.hidden) stale.textContent = stale.dataset.text.replace("{time}", clock());
      stale.hidden = false;
    }
    tick();
  }

  // ---- Buttons that change something: the page stays, its parts are asked for again -------------
  async function press(button) {
    busy = true;
    button.disabled = true;
    const told = document.getElementById("told");
    try {
      await acts.post(button.dataset.post, button.dataset.body, button.dataset.method);
      told.hidden = true;
    } catch (error) {
      button.disabled = false;
      told.hidden = false;
      told.textContent = error instanceof TypeError ? told.dataset.failed : error.message;
    }
    busy = false;
    await refresh();
  }

  window.addEventListener("click", (event) => {
    const button = event.target.closest("[data-part] [data-post]");
    if (!button) return;
    event.stopPropagation();
    if (!button.disabled && !busy) press(button);
  }, { capture: true });

  // ---- The clock, and how long an incident has been open ----------------------------------------
  const shift_ms = () => {
    const text = document.querySelector("#clock time").getAttribute("datetime");
    const [, sign, hours, minutes] = text.match(/([+-])(\d\d):(\d\d)$/) || [null, "+", 0, 0];
    return (sign === "-" ? -1 : 1) * (hours * 60 + Number(minutes)) * 60000;
  };
  const clock = () => new Date(Date.now() + behind_ms + shift_ms()).toISOString().slice(11, 16);

  function tick() {
    const now = document.querySelector("#clock time");
    if (now.textContent !== clock()) now.textContent = clock();
    for (const since of document.querySelectorAll("time.since")) {
      const seconds = Math.max(0, Math.round((Date.now() + behind_ms - Date.parse(since.dateTime)) / 1000));
      const minutes = Math.floor(seconds / 60);
      since.textContent = minutes < 60 ? `${minutes}′${String(seconds % 60).padStart(2, "0")}″` : `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}`;
    }
  }

  // ---- The hours of the day ---------------------------------------------------------------------
  function hours() {
    const slider = document.getElementById("hour");
    if (!slider) return;
    const told = document.querySelector("#hours output");
    const cells = [...document.querySelectorAll("#hours rect")];
    const tell = () => {
      told.textContent = cells[slider.value].dataset.text;
      slider.setAttribute("aria-valuetext", told.textContent);
    };
    const kept = () => { const hour = fengqiao.kept("hour"); slider.value = hour === undefined ? slider.dataset.now : hour; tell(); };
    slider.addEventListener("input", () => { tell(); fengqiao.keep("hour", slider.value === slider.dataset.now ? "" : slider.value); });
    document.addEventListener("fengqiao:follow", kept);
    kept();
  }

  document.addEventListener("DOMContentLoaded", () => {
    hours();
    tick();
    theme();
    document.addEventListener("fengqiao:address", theme);
    refresh();
    setInterval(tick, 1000);
    setInterval(() => { if (!document.hidden && !busy) refresh(); }, Number(own.dataset.refresh) * 1000);
    document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });
  });
})();
