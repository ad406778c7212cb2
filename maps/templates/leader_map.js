// What the map shows of the evening, and places that are pointed at; it is moved by `patrol_map.js`.
function around(x, y, w) {
  look({ x: x - w / 2, y: y - w * full.h / full.w / 2, w });
}

function drawMap() {
  $("leg")?.setAttribute("d", state.out !== null && state.back === null ? leg()?.p ?? "" : "");
  const next = ahead()[0];
  for (const part of svg.querySelectorAll("[data-n]")) {
    const all = part.dataset.n.split(" ").map((n) => card.stops[n - 1].c);
    part.classList.toggle("done", all.every((code) => code in state.at));
    part.classList.toggle("next", state.back === null && all.includes(next));
  }
}

// From the drawing to degrees and back.
const METRES_PER_DEG = 111319.49, ground = card.ground;
const perLon = METRES_PER_DEG * Math.cos(ground.lat * Math.PI / 180);
function lonLatOf(x, y) {
  const east = ground.left + x / full.w * ground.width, south = ground.top + y / full.h * ground.height;
  return [ground.lon + east / perLon, ground.lat - south / METRES_PER_DEG];
}
function xyOf([lon, lat]) {
  const east = (lon - ground.lon) * perLon, south = (ground.lat - lat) * METRES_PER_DEG;
  return [(east - ground.left) / ground.width * full.w, (south - ground.top) / ground.height * full.h];
}

// A place is shown by moving the map beneath a cross.
let aimed = null;
function aim(start, then) {
  aimed = then;
  $("map").classList.add("aiming");
  $("aim").hidden = false;
  show("map");
  around(...xyOf(start), full.w / 3);
}
function aimOff() {
  aimed = null;
  $("map").classList.remove("aiming");
  $("aim").hidden = true;
}
$("aim-yes").onclick = () => {
  const then = aimed, place = lonLatOf(view.x + view.w / 2, view.y + view.h / 2);
  aimOff();
  then?.(place);
};
$("aim-no").onclick = () => { aimOff(); show("hazards"); };
