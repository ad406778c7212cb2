// The planner's maps: the tree follows the map, a click on the ground tells of its hexagon,
// what is selected can be taken out.
"use strict";
(() => {
  const about = document.querySelector(".planner");
  const { base, lang } = about.dataset;
  const script = document.currentScript.dataset;
  const placed = location.hash.includes("at=");
  const text = new URLSearchParams({ lang });

  // Open the branch of the tree that holds what is selected on the map.
  function reveal(key) {
    const buttons = [...document.querySelectorAll(`#list [data-key="${CSS.escape(key)}"]`)];
    if (!buttons.length || buttons.some((button) => button.checkVisibility())) {
      const seen = buttons.find((button) => button.checkVisibility());
      if (seen) seen.scrollIntoView({ block: "nearest" });
      return;
    }
    for (let part = buttons[0].closest("details"); part; part = part.parentElement.closest("details")) part.open = true;
    buttons[0].scrollIntoView({ block: "center" });
  }

  function exporter(key) {
    const link = document.createElement("a");
    link.className = "button strong export";
    link.href = `${base}planner/export.xlsx?${new URLSearchParams({ show: key, lang })}`;
    link.download = "";
    link.textContent = script.export;
    return link;
  }

  document.addEventListener("fengqiao:select", () => {
    const key = fengqiao.selected();
    if (!key) return;
    reveal(key);
    const place = document.getElementById("details-links");
    if (!/^(target|gap|sites|cameras|grids|village|station|fault|mend):/.test(key)) return;
    place.hidden = false;
    place.prepend(exporter(key));
  });

  // ---- The hexagon at a place -----------------------------------------------------------------
  async function cell(asked, move) {
    const answer = await fetch(`${base}planner/cell?${new URLSearchParams({ ...asked, lang })}`).catch(() => null);
    if (!answer || !answer.ok) {
      const told = document.getElementById("told");
      told.hidden = false;
      told.textContent = answer ? (await answer.json()).detail : about.dataset.failed;
      return;
    }
    const { item, feature } = await answer.json();
    const key = feature.properties.key;
    fengqiao.data.items[key] = item;
    fengqiao.put("cell", [feature]);
    fengqiao.again();
    fengqiao.select(key, { move });
  }

  document.addEventListener("DOMContentLoaded", () => {
    const map = window[document.querySelector(".folium-map").id];
    const legend = document.getElementById("legend");
    if (innerWidth < 1700 && legend.open) { // three columns leave it no room
      if (!placed) map.panBy([-legend.offsetWidth / 2, 0], { animate: false });
      legend.open = false;
    }
    if (fengqiao.data.layers.cell) {
      map.off("click"); // what may be done at a place is offered on a long or a right press
      map.on("click", ({ latlng }) => { const at = latlng.wrap(); cell({ lon: at.lng.toFixed(6), lat: at.lat.toFixed(6) }, false); });
      const show = new URLSearchParams(location.hash.slice(1)).get("show") || "";
      if (show.startsWith("cell:")) cell({ h3: show.slice(5) }, false);
    }
    // What cameras see is most of the data: it comes when it is switched on first.
    const seen = document.querySelector('[data-layer="views"]');
    if (seen) {
      let asked = false;
      const load = async () => {
        if (!seen.checked || asked) return;
        asked = true;
        const answer = await fetch(`${base}planner/views`).catch(() => null);
        if (answer && answer.ok) { fengqiao.put("views", await answer.json()); fengqiao.again(); } else asked = false;
      };
      seen.addEventListener("change", load);
      load();
    }
    for (const part of document.querySelectorAll("details.target")) {
      part.querySelector("summary").addEventListener("click", () => {
        if (!part.open) fengqiao.select(part.dataset.target);
      });
    }
    const box = document.getElementById("work");
    if (box) jobs.resume(box, ["answers"]);
  });
})();
