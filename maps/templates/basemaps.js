// The base maps that the town supplies: one is shown in the place of the program's own, and the
// address of the page says which.
"use strict";
(() => {
  const known = fengqiao.data.basemaps;
  const legend = document.getElementById("basemaps");
  const lost = legend.querySelector(".warning");
  const choices = [...legend.querySelectorAll("[data-basemap]")];
  let shown = ""; // name of what is shown, "" for the program's own
  let layer = null;

  function text(words) {
    const element = document.createElement("span");
    element.textContent = words;
    return element.innerHTML;
  }

  function made(name) {
    const { tiles, attribution, min_zoom, max_zoom } = known[name];
    // Below all other pictures; closer in than there are tiles, those are enlarged.
    const pictures = L.tileLayer(tiles, {
      attribution: text(attribution), minNativeZoom: min_zoom, maxNativeZoom: max_zoom,
      maxZoom: map_town.getMaxZoom(), zIndex: 0,
    });
    pictures.on("tileerror", () => { lost.hidden = false; });
    pictures.on("loading", () => { lost.hidden = true; });
    return pictures;
  }

  function show(name) {
    const wanted = known[name] ? name : "";
    for (const choice of choices) choice.checked = choice.dataset.basemap === wanted;
    if (wanted === shown) return;
    if (layer) layer.remove();
    lost.hidden = true;
    shown = wanted;
    layer = shown ? made(shown).addTo(map_town) : null;
    if (shown) tile_layer_base.remove(); else tile_layer_base.addTo(map_town).bringToBack();
  }

  legend.addEventListener("change", (event) => {
    show(event.target.dataset.basemap);
    fengqiao.keep("base", shown);
  });
  // The other pages show the same one.
  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[data-keep-view="place"]');
    if (link && shown) link.hash += `&base=${encodeURIComponent(shown)}`;
  });
  document.addEventListener("fengqiao:follow", () => show(fengqiao.kept("base") || ""));
  document.addEventListener("DOMContentLoaded", () => show(fengqiao.kept("base") || ""));
})();
