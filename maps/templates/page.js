// What every map page does: draws marks, keeps the list and the map in step, remembers the view
// in the address. Loaded before the map's own script, which calls `fengqiao.each` and the like.
"use strict";
window.fengqiao = (() => {
  const data = JSON.parse(document.getElementById("page-data").textContent);
  const phone = matchMedia("(max-width: 760px)");
  const found = new Map(); // key of a feature -> {layer, feature, group}
  const KNOWN = ["at", "show", "theme", "off", "on"]; // what every page keeps in its address
  const state = readAddress(location.hash);
  let map = null;
  let selected = null;
  let ring = null;
  let lastButton = null;
  const trail = []; // keys that led to what is shown
  const details = window.fengqiaoDetails(
    (key) => data.items[key] || found.has(key),
    (key) => { trail.push(selected); select(key); },
  );

  const { Mark, mark, point } = window.fengqiaoMarks(data.marks);
  // Lines of some looks are thinner while the map shows much of the town.
  let far = false;
  function style(feature) {
    const look = data.paths[feature.properties.look] || {};
    return far && look.far ? { ...look, ...look.far } : look;
  }

  function each(group) {
    return (feature, layer) => {
      const p = feature.properties;
      if (p.key === undefined) return;
      if (!found.has(p.key)) found.set(p.key, []);
      found.get(p.key).push({ layer, feature, group });
      pointer(layer, p);
    };
  }

  // What a thing is called when one points at it; a click selects it, from a list of several as
  // from the map.
  function pointer(layer, p) {
    layer.on("click", (event) => {
      L.DomEvent.stopPropagation(event);
      if (data.items[selected] && (data.items[selected].marks || []).includes(p.key)) trail.push(selected);
      else trail.length = 0;
      select(p.key, { move: false, at: event.latlng });
    });
    return layer.bindTooltip(() => { const e = document.createElement("span"); e.textContent = p.title; return e; }, { sticky: true, opacity: 1 });
  }

  // ---- The address holds the state ----------------------------------------------------------
  function readAddress(hash) {
    const given = new URLSearchParams(hash.slice(1));
    const at = (given.get("at") || "").split("/").map(Number);
    return {
      at: at.length === 3 && at.every(Number.isFinite) ? at : null,
      show: given.get("show"), theme: given.get("theme"), off: (given.get("off") || "").split(",").filter(Boolean),
      on: (given.get("on") || "").split(",").filter(Boolean),
      more: new Map([...given].filter(([name]) => !KNOWN.includes(name))),
    };
  }

  // What a page of its own keeps in the address; "" for nothing.
  function keep(name, value) {
    if (value === "") state.more.delete(name); else state.more.set(name, String(value));
    writeAddress();
  }

  function writeAddress() {
    const c = map.getCenter();
    const parts = [`at=${map.getZoom()}/${c.lat.toFixed(5)}/${c.lng.toFixed(5)}`];
    if (selected) parts.push(`show=${encodeURIComponent(selected)}`);
    if (state.theme) parts.push(`theme=${state.theme}`);
    if (state.off.length) parts.push(`off=${state.off.join(",")}`);
    if (state.on.length) parts.push(`on=${state.on.join(",")}`);
    for (const [name, value] of state.more) parts.push(`${name}=${encodeURIComponent(value)}`);
    history.replaceState(null, "", `#${parts.join("&")}`);
    document.dispatchEvent(new CustomEvent("fengqiao:address"));
  }

  // Sharp screens take the tiles of the next zoom at half the size, as far as there are any.
  const makeTiles = L.tileLayer;
  L.tileLayer = (url, options) => makeTiles(url, L.Browser.retina
    ? { ...options, detectRetina: true, maxNativeZoom: options.maxNativeZoom - 1 }
    : options);

  // The first view is decided before the map is made: changing it later loads every tile twice.
  const makeMap = L.map;
  L.map = (id, options) => {
    const side = document.getElementById(id).getBoundingClientRect();
    document.getElementById("legend").open = !phone.matches && side.width >= 700;
    const box = L.latLngBounds([data.bounds[1], data.bounds[0]], [data.bounds[3], data.bounds[2]]);
    const crs = L.CRS.EPSG3857;
    const [sw, ne] = [crs.latLngToPoint(box.getSouthWest(), 0), crs.latLngToPoint(box.getNorthEast(), 0)];
    const [right, bottom] = covered();
    const [width, height] = [side.width - right - 48, side.height - bottom - 48];
    const fit = Math.log2(Math.min(width / (ne.x - sw.x), height / (sw.y - ne.y)));
    const zoom = Math.max(data.min_zoom, Math.min(data.max_zoom - 2, Math.floor(fit * 4) / 4));
    const middle = crs.latLngToPoint(box.getCenter(), zoom).add([right / 2, bottom / 2]);
    const view = state.at
      ? { center: [state.at[1], state.at[2]], zoom: state.at[0] }
      : { center: crs.pointToLatLng(middle, zoom), zoom };
    map = makeMap(id, {
      ...options, ...view, zoomControl: false, zoomSnap: 0.25, zoomDelta: 0.5, wheelPxPerZoomLevel: 120, minZoom: data.min_zoom, maxZoom: data.max_zoom,
      maxBounds: L.latLngBounds([data.reach[1], data.reach[0]], [data.reach[3], data.reach[2]]).pad(0.5), maxBoundsViscosity: 0.7,
    });
    map.attributionControl.setPrefix(false);
    L.control.zoom({ position: "bottomleft", zoomInTitle: data.words.zoom_in, zoomOutTitle: data.words.zoom_out }).addTo(map);
    L.control.scale({ position: "bottomleft", imperial: false, maxWidth: document.documentElement.classList.contains("wall") ? 400 : 100 }).addTo(map);
    map.createPane("highlight").style.zIndex = 450;
    return map;
  };

  // ---- Layers: switched by the legend, some only from a zoom on ------------------------------
  const layerOf = (name) => window[data.layers[name].variable];

  function wanted(name) {
    const input = document.querySelector(`[data-layer="${data.layers[name].follows}"]`);
    return input ? input.checked : true;
  }

  function showLayers() {
    const zoom = map.getZoom();
    let added = false;
    setFar(zoom < data.close_zoom - 0.5);
    for (const [name, spec] of Object.entries(data.layers)) {
      const near = zoom >= (spec.from_zoom || 0);
      const shown = wanted(name) && near;
      if (shown === map.hasLayer(layerOf(name))) { /* as it is */ }
      else if (shown) { layerOf(name).addTo(map); added = true; } else layerOf(name).remove();
      const note = document.querySelector(`[data-closer="${name}"]`);
      if (note) note.hidden = near || !wanted(name);
    }
    // What is switched on later must not lie above what belongs above it.
    if (added) for (const name of data.order) if (layerOf(name).eachLayer && map.hasLayer(layerOf(name))) layerOf(name).bringToFront();
    if (added && ring) ring.eachLayer((layer) => { if (layer.bringToFront) layer.bringToFront(); });
    for (const sign of document.querySelectorAll("[data-with]")) sign.hidden = !sign.dataset.with.split(" ").some(wanted);
  }

  function setFar(now) {
    document.body.classList.toggle("far", now);
    if (now === far) return;
    far = now;
    for (const name of Object.keys(data.layers)) if (layerOf(name).setStyle) layerOf(name).setStyle(style);
  }

  function switched(input) {
    const name = input.dataset.layer;
    if (input.type === "radio") state.theme = input.defaultChecked ? null : name;
    else {
      state.off = state.off.filter((n) => n !== name);
      state.on = state.on.filter((n) => n !== name);
      if (input.checked !== input.defaultChecked) state[input.checked ? "on" : "off"].push(name);
    }
    showLayers();
    declutter();
    writeAddress();
  }

  // ---- Arrowheads along routes, a fixed way apart on the screen -------------------------------
  const STEP_PX = 130;
  const arrows = L.layerGroup();

  function drawArrows() {
    arrows.clearLayers();
    for (const name of data.routes) {
      if (!map.hasLayer(layerOf(name))) continue;
      layerOf(name).eachLayer((line) => {
        const color = line.feature.properties.arrow;
        if (!color) return;
        const pts = line.getLatLngs().flat(1).map((l) => map.project(l));
        let left = STEP_PX / 2;
        for (let i = 1; i < pts.length; i++) {
          const [a, b] = [pts[i - 1], pts[i]];
          const length = a.distanceTo(b);
          const angle = Math.atan2(b.y - a.y, b.x - a.x);
          for (; left <= length; left += STEP_PX) {
            const at = a.add(b.subtract(a).multiplyBy(left / length));
            new Mark(map.unproject(at), { shape: "arrow", angle, radius: 8, weight: 1.5, color: "#ffffff", fill: true, fillColor: color, fillOpacity: 1, interactive: false }).addTo(arrows);
          }
          left -= length;
        }
      });
    }
    if (data.routes.length) arrows.addTo(map);
  }

  // ---- List and map point at each other ------------------------------------------------------
  function positionOf(entry) {
    return entry.layer.getLatLng ? entry.layer.getLatLng() : entry.layer.getBounds().getCenter();
  }

  // Few places get a ring each; many are marked by triangles, which stay apart for longer.
  const MOST_RINGS = 12;

  function highlight(entries, many) {
    for (const { layer, feature } of entries) {
      if (layer.getLatLng && many) pointer(mark("unseen", layer.getLatLng()), feature.properties).addTo(ring);
      else if (layer.getLatLng) {
        const big = L.divIcon({ className: "ring", html: "", iconSize: [44, 44] });
        L.marker(layer.getLatLng(), { icon: big, interactive: false, keyboard: false, zIndexOffset: -100 }).addTo(ring);
      } else {
        for (const [color, weight] of [["#ffffff", 9], [many ? data.bad : data.accent, 5]]) {
          L.geoJSON(feature.geometry, { interactive: false, pane: "highlight", style: { color, weight: many ? weight - 2 : weight, opacity: 1, fill: false } }).addTo(ring);
        }
      }
    }
  }

  // Mark what is selected, and all that it points at.
  function encircle() {
    const item = data.items[selected];
    const marked = ((item && item.marks) || []).flatMap((k) => found.get(k) || []);
    ring.clearLayers();
    highlight(marked, marked.length > MOST_RINGS || marked.some((e) => !e.layer.getLatLng));
    highlight(found.get(selected) || [], false);
    return marked;
  }

  function select(key, { move = true, at = null } = {}) {
    const item = data.items[key];
    const own = found.get(key) || [];
    if (!own.length && !item) return;
    selected = key;
    const main = own.find((e) => e.feature.properties.values) || own[0];
    if (main) {
      const input = document.querySelector(`[data-layer="${data.layers[main.group].follows}"]`);
      if (input && !input.checked) { input.checked = true; switched(input); }
    }
    const marked = encircle();
    details.show(item || detailsOf(main));
    if (phone.matches) openSheet(true);
    if (move) show(own, marked);
    document.querySelectorAll("[data-key]").forEach((b) => b.setAttribute("aria-current", String(b.dataset.key === key)));
    const spot = own.find((e) => e.layer.getLatLng);
    document.dispatchEvent(new CustomEvent("fengqiao:select", { detail: spot ? spot.layer.getLatLng() : at }));
    writeAddress();
  }

  // Move the map to one thing, or so that all that is marked is in it.
  function show(own, marked) {
    const close = { maxZoom: data.close_zoom + 0.5, duration: 0.5, paddingBottomRight: covered() };
    const area = own.find((e) => e.layer.getBounds);
    if (area && area.layer.getBounds().isValid()) map.flyToBounds(area.layer.getBounds().pad(0.4), close);
    else if (own.length && !marked.length) {
      const zoom = Math.max(map.getZoom(), data.close_zoom);
      map.flyTo(inTheOpen(positionOf(own[0]), zoom), zoom, { duration: 0.5 });
    } else if (marked.length) {
      const box = L.latLngBounds([]);
      for (const { layer } of [...own, ...marked]) box.extend(layer.getBounds ? layer.getBounds() : layer.getLatLng());
      if (box.isValid()) map.flyToBounds(box.pad(0.1), close);
    }
  }

  // What of the map's right and bottom lies under the legend or the sheet, px.
  function covered() {
    const legend = document.getElementById("legend");
    return phone.matches ? [0, document.getElementById("panel").offsetHeight] : [legend.open ? legend.offsetWidth + 16 : 0, 0];
  }
  function inTheOpen(latlng, zoom) {
    const [right, bottom] = covered();
    return map.unproject(map.project(latlng, zoom).add([right / 2, bottom / 2]), zoom);
  }

  function detailsOf({ feature, group }) {
    const { title, values } = feature.properties;
    return { title, rows: data.layers[group].fields.map((label, i) => [label, (values || [])[i]]), lists: [], tables: [] };
  }

  function back() {
    if (!selected) { if (phone.matches) openSheet(false); return; }
    if (trail.length) { select(trail.pop()); return; }
    const key = selected;
    selected = null;
    ring.clearLayers();
    document.getElementById("details").hidden = true;
    document.getElementById("list").hidden = false;
    document.querySelectorAll("[data-key]").forEach((b) => b.removeAttribute("aria-current"));
    const button = lastButton && lastButton.dataset.key === key ? lastButton : document.querySelector(`[data-key="${CSS.escape(key)}"]`);
    if (button) button.focus();
    writeAddress();
  }

  // ---- The panel ------------------------------------------------------------------------------
  function openSheet(open) {
    const [, before] = covered();
    document.body.classList.toggle("sheet-open", open);
    // What the map is about stays in the middle of what is seen of it.
    map.panBy([0, (covered()[1] - before) / 2], { animate: false });
    document.getElementById("sheet-handle").setAttribute("aria-expanded", String(open));
  }

  function move(event) {
    if (!["ArrowDown", "ArrowUp"].includes(event.key)) return;
    const buttons = [...document.querySelectorAll("#list [data-key]")].filter((b) => b.offsetParent);
    const next = buttons[buttons.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1)];
    if (next && buttons.includes(document.activeElement)) { event.preventDefault(); next.focus(); }
  }

  const EDGE_PX = 4;
  // A name that the map's edge would cut moves inwards, as far as it still stands on its point.
  function keepWhole(name) {
    const [box, around] = [name, map.getContainer()].map((e) => e.getBoundingClientRect());
    const out = Math.max(box.right - around.right + EDGE_PX, 0) - Math.max(around.left + EDGE_PX - box.left, 0);
    const most = box.width / 2 - EDGE_PX;
    if (out && Math.abs(out) <= most) name.style.translate = `${-out / (name.currentCSSZoom || 1)}px`;
  }

  // Names that would stand on one another: what was asked about stays, a unit's becomes a square,
  // words of circles and of villages give way.
  function declutter() {
    const names = ["minutes", "share", "label"].flatMap((look) => [...document.querySelectorAll(`.tag-${look} > span`)]);
    const units = [...document.querySelectorAll(".leaflet-container .tag-unit > span")];
    for (const name of names) name.style.visibility = "";
    for (const unit of units) { unit.parentElement.classList.remove("small"); unit.style.translate = ""; }
    const kept = [...document.querySelectorAll(".tag-rank > span, .tag-base > span, .tag-late > span, .tag-place > span, .tag-exit > span, .tag-post > span")].filter((e) => e.closest(".leaflet-container")).map((e) => e.getBoundingClientRect());
    const free = (element) => {
      const box = element.getBoundingClientRect();
      const meets = (other) => box.left < other.right && other.left < box.right && box.top < other.bottom && other.top < box.bottom;
      if (kept.some(meets)) return false;
      kept.push(box);
      return true;
    };
    for (const unit of units) {
      keepWhole(unit);
      if (free(unit)) continue;
      unit.style.translate = "";
      unit.parentElement.classList.add("small");
      kept.push(unit.getBoundingClientRect());
    }
    for (const name of names) if (!free(name)) name.style.visibility = "hidden";
  }

  function start() {
    if (!map) return;
    ring = L.layerGroup().addTo(map);
    const themes = [...document.querySelectorAll("input[type=radio][data-layer]")].map((input) => input.dataset.layer);
    if (!themes.includes(state.theme)) state.theme = null; // an address of another town or version
    document.addEventListener("click", (event) => {
      const button = event.target.closest("[data-key]");
      if (button) { lastButton = button; trail.length = 0; select(button.dataset.key); }
    });
    for (const input of document.querySelectorAll("[data-layer]")) {
      if (state.theme && input.type === "radio") input.checked = input.dataset.layer === state.theme;
      if (state.off.includes(input.dataset.layer)) input.checked = false;
      if (state.on.includes(input.dataset.layer)) input.checked = true;
      input.addEventListener("change", () => switched(input));
    }
    for (const link of document.querySelectorAll("a[data-keep-view]")) {
      link.addEventListener("click", () => { link.hash = link.dataset.keepView === "place" ? `#${location.hash.slice(1).split("&")[0]}` : location.hash; });
    }
    document.getElementById("back").addEventListener("click", back);
    document.getElementById("sheet-handle").addEventListener("click", () => openSheet(!document.body.classList.contains("sheet-open")));
    document.addEventListener("keydown", (event) => { if (event.key === "Escape") back(); else move(event); });
    map.on("zoomend", () => { showLayers(); drawArrows(); });
    map.on("moveend", () => { declutter(); writeAddress(); });
    map.on("layeradd layerremove", (event) => { if (data.routes.some((n) => layerOf(n) === event.layer)) drawArrows(); });
    showLayers();
    drawArrows();
    declutter();
    if (state.show) select(state.show, { move: !state.at });
    // Not all pages' names fit on a phone: the one of this page is in view.
    document.querySelector("nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
    document.body.classList.add("ready");
  }

  // ---- What comes later, and another address ---------------------------------------------------
  // Features in the place of those of one layer.
  function put(name, features) {
    for (const [key, entries] of found) {
      const others = entries.filter((entry) => entry.group !== name);
      if (others.length) found.set(key, others); else found.delete(key);
    }
    layerOf(name).clearLayers();
    layerOf(name).addData({ type: "FeatureCollection", features });
  }

  // Draw what `put` has changed; what the address points at may be there by now.
  function again() {
    showLayers();
    drawArrows();
    declutter();
    if (selected) encircle();
    else if (state.show) select(state.show, { move: !state.at });
  }

  // Show what another address shows.
  function follow(hash) {
    const next = readAddress(hash);
    for (const input of document.querySelectorAll("[data-layer]")) {
      const name = input.dataset.layer;
      const on = input.type === "radio"
        ? (next.theme ? name === next.theme : input.defaultChecked)
        : next.on.includes(name) || (input.defaultChecked && !next.off.includes(name));
      if (on === input.checked) continue;
      input.checked = on;
      if (on || input.type !== "radio") input.dispatchEvent(new Event("change", { bubbles: true }));
    }
    Object.assign(state, { at: next.at, show: next.show, more: next.more });
    if (next.at) map.setView([next.at[1], next.at[2]], next.at[0], { animate: false });
    trail.length = 0;
    if (!next.show) { if (selected) back(); } else if (next.show !== selected) select(next.show, { move: !next.at });
    writeAddress();
    document.dispatchEvent(new CustomEvent("fengqiao:follow"));
  }

  document.addEventListener("DOMContentLoaded", start);
  return { point, style, each, put, again, follow, keep, select, write: writeAddress, data, kept: (name) => state.more.get(name), selected: () => selected };
})();
