// The map: moved by one finger, scaled by two or by the buttons.
const svg = document.querySelector("#map svg"), whole = svg.viewBox.baseVal;
const full = { x: 0, y: 0, w: whole.width, h: whole.height };
let view = { ...full };

function look(next) {
  const w = Math.min(Math.max(next.w, full.w / 12), full.w * 1.2), h = w * full.h / full.w;
  const inside = (value, side, size) => Math.min(Math.max(value, -side * 0.1 - size / 4), side * 1.1 - size * 3 / 4);
  view = { x: inside(next.x, full.w, w), y: inside(next.y, full.h, h), w, h };
  svg.setAttribute("viewBox", `${view.x} ${view.y} ${w} ${h}`);
  grow(Math.min(w / full.w, 1));
}

// Numbers, names and lines keep their size on the glass, and numbers come home to their places.
function grow(k) {
  const between = (part) => {
    const [x, y] = part.dataset.true.split(" ").map(Number), [to, down] = part.dataset.moved.split(" ").map(Number);
    return [x, y, x + (to - x) * k, y + (down - y) * k];
  };
  for (const mark of svg.querySelectorAll(".m")) {
    mark.dataset.at ??= mark.getAttribute("transform");
    const [, , x, y] = mark.dataset.true ? between(mark) : [];
    mark.setAttribute("transform", `${mark.dataset.true ? `translate(${x} ${y})` : mark.dataset.at} scale(${k})`);
  }
  for (const line of svg.querySelectorAll(".pointer, .casing, .route")) {
    line.dataset.wide ??= line.getAttribute("stroke-width");
    line.setAttribute("stroke-width", line.dataset.wide * k);
    if (line.dataset.dash) {
      line.setAttribute("stroke-dasharray", line.dataset.dash.split(" ").map((part) => part * k).join(" "));
    }
    if (!line.dataset.true) continue;
    const [x, y, to, down] = between(line);
    line.setAttribute("d", `M${x} ${y}L${to} ${down}`);
  }
  document.getElementById("leg")?.setAttribute("stroke-width", full.w / 70 * k);
}

function zoom(by, x = view.x + view.w / 2, y = view.y + view.h / 2) {
  look({ x: x - (x - view.x) * by, y: y - (y - view.y) * by, w: view.w * by });
}

function nearLeg() {
  const box = document.getElementById("leg")?.getBBox();
  if (!box || !(box.width + box.height)) return look(full);
  const w = Math.max(box.width, box.height * full.w / full.h) * 1.5 + full.w / 20;
  look({ x: box.x + box.width / 2 - w / 2, y: box.y + box.height / 2 - w * full.h / full.w / 2, w });
}

const fingers = new Map();
function units() {
  const box = svg.getBoundingClientRect();
  return Math.max(view.w / box.width, view.h / box.height);
}
svg.addEventListener("pointerdown", (event) => {
  svg.setPointerCapture(event.pointerId);
  fingers.set(event.pointerId, event);
});
svg.addEventListener("pointermove", (event) => {
  const before = fingers.get(event.pointerId), k = units();
  if (!before) return;
  const others = [...fingers.values()].filter((finger) => finger.pointerId !== event.pointerId);
  fingers.set(event.pointerId, event);
  if (!others.length) {
    look({ ...view, x: view.x - (event.clientX - before.clientX) * k, y: view.y - (event.clientY - before.clientY) * k });
    return;
  }
  const far = (finger) => Math.hypot(finger.clientX - others[0].clientX, finger.clientY - others[0].clientY);
  if (far(event) > 10) zoom(far(before) / far(event));
});
for (const end of ["pointerup", "pointercancel"]) {
  svg.addEventListener(end, (event) => fingers.delete(event.pointerId));
}
svg.addEventListener("wheel", (event) => {
  event.preventDefault();
  zoom(event.deltaY > 0 ? 1.25 : 0.8);
}, { passive: false });
for (const [id, act] of [
  ["in", () => zoom(0.6)], ["out", () => zoom(1 / 0.6)], ["whole", () => look(full)], ["leg-view", nearLeg],
]) document.getElementById(id).onclick = act;
