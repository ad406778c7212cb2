// Pages of now: closing a street, search, what comes later, printing.
"use strict";
(() => {
  const IN_USE_MS = 20000; // a page in use is not loaded again
  let touched = 0;

  // ---- Closing a street -------------------------------------------------------------------------
  const closing = document.getElementById("closing");
  if (closing) {
    closing.addEventListener("submit", (event) => {
      event.preventDefault();
      acts.once(async () => {
        const given = [...new FormData(closing)].filter(([, text]) => text.trim());
        await acts.post("closures", JSON.stringify(Object.fromEntries(given)));
        location.assign(closing.action);
      });
    });
  }

  // ---- Search -----------------------------------------------------------------------------------
  const form = document.getElementById("find");
  if (form) {
    const input = document.getElementById("find-words");
    const list = document.getElementById("find-results");
    const none = document.getElementById("find-none");
    const kinds = JSON.parse(form.dataset.kinds);
    let asked = 0;
    let at = -1;

    function show(places) {
      list.replaceChildren(...places.map((place, n) => {
        const row = document.createElement("li");
        row.setAttribute("role", "option");
        row.id = `find-${n}`;
        const link = document.createElement("a");
        link.href = `${form.dataset.href}&lon=${place.lon}&lat=${place.lat}`;
        link.tabIndex = -1;
        const told = document.createElement("small");
        told.textContent = [kinds[place.kind] || kinds[place.layer], place.code].filter(Boolean).join(" · ");
        link.append(place.name || place.code, told);
        row.append(link);
        return row;
      }));
      at = -1;
      input.removeAttribute("aria-activedescendant");
      list.hidden = !places.length;
      none.hidden = places.length > 0 || !input.value.trim();
      input.setAttribute("aria-expanded", String(places.length > 0));
    }

    async function ask() {
      const mine = ++asked;
      const words = input.value.trim();
      if (!words) { show([]); return; }
      try {
        const answer = await fetch(`${form.dataset.address}?q=${encodeURIComponent(words)}`);
        const found = answer.ok ? (await answer.json()).results : [];
        if (mine === asked) show(found.filter((place) => place.lon !== null));
      } catch { if (mine === asked) show([]); }
    }

    function choose(step) {
      const rows = [...list.children];
      if (!rows.length) return;
      at = (at + step + rows.length) % rows.length;
      rows.forEach((row, n) => row.setAttribute("aria-selected", String(n === at)));
      input.setAttribute("aria-activedescendant", rows[at].id);
      rows[at].scrollIntoView({ block: "nearest" });
    }

    let wait = 0;
    input.addEventListener("input", () => { clearTimeout(wait); wait = setTimeout(ask, 150); });
    input.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown") choose(1);
      else if (event.key === "ArrowUp") choose(-1);
      else if (event.key === "Escape" && !list.hidden) show([]);
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (at < 0) { clearTimeout(wait); await ask(); }
      const link = list.querySelectorAll("a")[Math.max(at, 0)];
      if (link) location.assign(link.href);
    });
  }

  // ---- What comes later -------------------------------------------------------------------------
  const later = document.getElementById("later");
  if (later) {
    const part = (name) => later.querySelector(name);
    fetch(later.dataset.ask).then((answer) => { if (!answer.ok) throw new Error(); return answer.json(); })
      .then(({ better, href, one_more: more }) => {
        part(".better").hidden = !better;
        if (better) { part(".better").prepend(`${better} `); part(".better a").href = href; }
        part(".one-more").hidden = !more;
        part(".one-more").textContent = more;
      })
      .catch(() => {})
      .finally(() => { part(".wait").hidden = true; });
  }

  const fresh = document.querySelector("[data-refresh]");
  if (fresh) {
    setInterval(() => {
      const search = document.getElementById("find-words");
      if (!document.hidden && !acts.busy() && Date.now() - touched > IN_USE_MS && !closing && !(search && search.value)) location.reload();
    }, Number(fresh.dataset.refresh) * 1000);
  }

  document.addEventListener("DOMContentLoaded", () => {
    for (const kind of ["pointerdown", "keydown", "wheel"]) document.addEventListener(kind, () => { touched = Date.now(); }, { passive: true });
    const print = document.getElementById("print");
    if (print) print.addEventListener("click", () => window.print());
  });
})();
