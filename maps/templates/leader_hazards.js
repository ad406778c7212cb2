// Hazards: which kind, then where; no photo, no text. What became of it is shown below.
for (const button of document.querySelectorAll("[data-hazard]")) {
  button.onclick = () => askWhere(button.dataset.hazard);
}

function askWhere(kind) {
  const was = stops.get(here()), next = stops.get(ahead()[0]);
  open(`${card.hazards[kind]} · ${say.where_head}`, (body) => {
    if (window.isSecureContext && navigator.geolocation) {
      const button = put(body, "button", say.at_gps);
      put(button, "small", say.at_gps_say);
      button.onclick = () => locate(button, kind);
    }
    for (const stop of [was, next]) {
      if (stop) choice(body, filled(say.at_stop, { n: stop.n, name: stop.t }), () => report(kind, stop.at));
    }
    if (!was) choice(body, say.at_base, () => report(kind, card.base));
    choice(body, say.at_map, () => aim((was ?? next)?.at ?? card.base, (place) => { show("hazards"); report(kind, place); }));
  });
}

function locate(button, kind) {
  const small = button.querySelector("small");
  small.textContent = say.gps_wait;
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => close(() => report(kind, [coords.longitude, coords.latitude])),
    () => { small.textContent = say.gps_none; },
    { enableHighAccuracy: true, timeout: 12000, maximumAge: 30000 },
  );
}

function report(kind, [lon, lat]) {
  navigator.vibrate?.(60);
  tell({ kind: "hazard", hazard: kind, lon: Number(lon.toFixed(6)), lat: Number(lat.toFixed(6)) });
  changed({});
  toast(filled(say.hazard_noted, { what: card.hazards[kind] }));
  $("mine-head").scrollIntoView({ block: "nearest" });
}

function drawHazards() {
  const waiting = state.queue.filter((item) => item.kind === "hazard");
  const rows = [
    ...waiting.map((item) => ({ ...item, kind: item.hazard, state: null, answer: null })).reverse(),
    ...state.hazards.filter((one) => !waiting.some((item) => item.uid === one.uid)),
  ];
  $("mine-head").hidden = !rows.length;
  $("mine").replaceChildren(...rows.map((one) => {
    const row = document.createElement("li");
    row.className = one.state ?? "waits";
    const words = put(row, "div");
    put(words, "div", card.hazards[one.kind] ?? one.kind, "t");
    put(words, "small", [whenOf(one), one.answer].filter(Boolean).join(" · "));
    put(row, "b", one.state ? card.states[one.state] : say.not_sent);
    return row;
  }));
}

// The time of day tonight, the day before that.
function whenOf(one) {
  const ms = typeof one.at === "number" ? one.at : Date.parse(one.at);
  if (Math.abs(ms - card.noon) < 86400e3) return clockOf(ms);
  return new Date(ms).toLocaleDateString(card.lang === "zh" ? "zh-CN" : "en-GB", { month: "short", day: "numeric" });
}
