const card = JSON.parse(document.getElementById("data").textContent), say = card.words;
const $ = (id) => document.getElementById(id);
const stops = new Map(card.stops.map((stop) => [stop.c, stop]));
const HOME = "base";

// What this phone remembers: people, when they set out and came back, check-ins, another way.
const EMPTY = { people: card.size, out: null, back: null, at: {}, rung: null };
let state = remembered();

function remembered() {
  try {
    return { ...EMPTY, at: {}, ...JSON.parse(localStorage.getItem(card.key)) };
  } catch {
    return { ...EMPTY, at: {} };
  }
}

function changed(change) {
  state = { ...state, ...change };
  try {
    localStorage.setItem(card.key, JSON.stringify(state));
  } catch { /* a phone that keeps nothing still shows the way */ }
  draw();
}

function filled(text, holes) {
  return text.replace(/\{(\w+)\}/g, (_, name) => holes[name] ?? "");
}

function clockOf(ms) {
  const shape = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  try {
    return new Date(ms).toLocaleTimeString("en-GB", { ...shape, timeZone: card.zone ?? undefined });
  } catch {
    return new Date(ms).toLocaleTimeString("en-GB", shape);
  }
}

// Order of the last stop that was reached, 0 at the base.
function reached() {
  return Math.max(0, ...card.stops.filter((stop) => stop.c in state.at).map((stop) => stop.n));
}

function ahead() {
  const after = reached(), left = state.rung ? state.rung.s : card.stops.map((stop) => stop.c);
  return left.filter((code) => stops.get(code).n > after && !(code in state.at));
}

function here() {
  return card.stops.find((stop) => stop.n === reached())?.c ?? HOME;
}

function leg() {
  const to = ahead()[0] ?? HOME;
  return card.legs[`${here()}>${to}`] ?? null;
}

function rungsHere() {
  return card.rungs.filter((rung) => rung.a === reached());
}

function draw() {
  drawRoute();
  drawList();
  drawMap();
  drawReport();
  $("place").textContent = here() === HOME ? say.help_base
    : filled(say.help_say, { n: stops.get(here()).n, name: stops.get(here()).t });
}

function drawRoute() {
  const code = ahead()[0], stop = stops.get(code), way = leg(), start = state.out === null;
  $("now").hidden = !state.rung;
  $("now").textContent = state.rung ? filled(say.now_on, { rung: say[state.rung.r] ?? state.rung.r }) : "";
  $("people").hidden = !start;
  $("n").textContent = state.people;
  $("change").hidden = state.back !== null || !(rungsHere().length || state.rung);
  $("take").hidden = $("how").hidden = state.back !== null;
  $("way").hidden = state.back !== null || !way?.t;
  $("note").textContent = $("first").textContent = "";
  if (state.back !== null) {
    $("count").textContent = clockOf(state.back);
    $("name").textContent = say.all_done;
    $("mark").textContent = $("when").textContent = "";
    $("go").textContent = say.report_head;
    return;
  }
  $("count").textContent = stop ? filled(say.stop_of, { n: stop.n, all: card.stops.length }) : "";
  $("name").textContent = stop ? stop.t : say.home;
  $("mark").textContent = stop?.m ?? "";
  $("when").textContent = stop ? (state.rung ? stop.st : `${stop.a} · ${stop.st}`) : start || state.rung ? "" : card.back;
  $("note").textContent = stop ? [stop.win, stop.w].filter(Boolean).join(" · ") : "";
  if (way) {
    $("arrow").style.transform = `rotate(${way.b}deg)`;
    $("far").textContent = way.t;
    $("heading").textContent = way.h;
    $("first").textContent = way.steps[0] ?? "";
  }
  $("go").textContent = start ? `${say.set_out} ${card.leave}` : stop ? say.arrived : say.arrived_home;
}

function drawList() {
  const left = new Set(ahead()), next = ahead()[0];
  $("list").firstElementChild.replaceChildren(...card.stops.map((stop) => {
    const row = document.createElement("li"), done = stop.c in state.at;
    row.className = done ? "done" : stop.c === next ? "next" : left.has(stop.c) ? "" : "out";
    const note = done ? filled(say.checked, { time: clockOf(state.at[stop.c]) })
      : left.has(stop.c) ? [stop.a, stop.m].filter(Boolean).join(" · ") : say.left_out;
    const number = put(row, "b", stop.n), words = put(row, "div");
    put(words, "div", stop.t).className = "t";
    put(words, "small", note);
    if (number && state.out !== null && state.back === null) {
      const button = put(row, "button", done ? say.undo : say.check);
      button.onclick = () => (done ? undo(stop.c) : checkIn(stop.c));
    }
    return row;
  }));
}

function put(parent, tag, text = "") {
  const made = parent.appendChild(document.createElement(tag));
  made.textContent = text;
  return made;
}

function checkIn(code) {
  navigator.vibrate?.(60);
  changed({ at: { ...state.at, [code]: Date.now() } });
}

function undo(code) {
  if (!confirm(say.undo_ask)) return;
  const { [code]: _, ...at } = state.at;
  const rung = state.rung && code !== HOME ? state.rung : null;
  changed({ at, rung });
}

$("go").onclick = () => {
  if (state.back !== null) return show("report");
  if (state.out === null) {
    const few = card.rungs.find((rung) => rung.a === 0 && rung.r === "fewer");
    const rung = state.rung ?? (state.people < card.few && few ? few : null);
    return changed({ out: Date.now(), rung });
  }
  const code = ahead()[0];
  return code ? checkIn(code) : changed({ back: Date.now() });
};
$("less").onclick = () => changed({ people: Math.max(1, state.people - 1) });
$("more").onclick = () => changed({ people: Math.min(31, state.people + 1) });

// A sheet over the page: which app, the steps, another way.
function open(title, fill) {
  const [head, body] = $("sheet").children;
  head.textContent = title;
  body.replaceChildren();
  fill(body);
  $("sheet").showModal();
}
$("close").onclick = () => $("sheet").close();
$("take").onclick = () => open(say.which_app, (body) => {
  for (const [name, href] of stops.get(ahead()[0])?.links ?? card.links) {
    const link = put(body, "a", name);
    link.className = "button";
    link.href = href;
    link.rel = "noreferrer";
  }
});
$("how").onclick = () => open(say.show_way, (body) => {
  const steps = leg()?.steps ?? [], list = put(body, "ol");
  for (const step of steps.length ? steps : [say.no_steps]) put(list, "li", step);
  if (!steps.length) {
    const button = put(body, "button", say.tab_map);
    button.onclick = () => { $("sheet").close(); show("map"); nearLeg(); };
  }
});
$("change").onclick = () => open(say.what_changed, (body) => {
  for (const rung of rungsHere()) {
    const button = put(body, "button", say[rung.r] ?? rung.r);
    const time = clockOf(Date.now() + rung.b * 1000);
    put(button, "small", filled(rung.s.length ? say.rung_says : say.rung_home, { n: rung.s.length, time }));
    button.onclick = () => { $("sheet").close(); changed({ rung }); };
  }
  if (state.rung) {
    const button = put(body, "button", say.as_planned);
    button.onclick = () => { $("sheet").close(); changed({ rung: null }); };
  }
});

// The map itself is `patrol_map.js`.
function drawMap() {
  $("leg")?.setAttribute("d", state.back === null ? leg()?.p ?? "" : "");
  const next = ahead()[0];
  for (const mark of svg.querySelectorAll("[data-n]")) {
    const all = mark.dataset.n.split(" ").map((n) => card.stops[n - 1].c);
    mark.classList.toggle("done", all.every((code) => code in state.at));
    mark.classList.toggle("next", state.back === null && all.includes(next));
  }
}

// What comes back: a code to read out, or a file.
function drawReport() {
  const at = card.stops.map((stop) => (stop.c in state.at ? Math.floor((state.at[stop.c] - card.noon) / 60000) : null));
  const some = at.some((minute) => minute !== null), code = codeOf(card.plan, at, state.people);
  $("say").textContent = some ? say.report_say : say.none_yet;
  $("code").hidden = $("copy").hidden = $("save").hidden = $("again").hidden = !some;
  $("code").textContent = code.replaceAll("-", " ");
  $("copy").textContent = say.copy;
  $("clock").hidden = !at.some((minute, n) => minute !== null && Math.abs(minute - card.plan.due[n]) > MOST_MINUTES);
  $("copy").onclick = () => copy(`${card.title} ${card.night} ${code}`);
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const box = put(document.body, "textarea", text);
    box.select();
    document.execCommand("copy");
    box.remove();
  }
  $("copy").textContent = say.copied;
}

$("save").onclick = () => {
  const rows = card.stops.filter((stop) => stop.c in state.at)
    .map((stop) => ({ code: stop.c, at: new Date(state.at[stop.c]).toISOString() }));
  const file = { schema: "fengqiao.checkins/1", town: card.town, night: card.night, team: card.team,
    mark: card.plan.mark, people: state.people, stops: rows };
  const blob = new Blob([JSON.stringify(file, null, 1)], { type: "application/json" });
  $("save").href = URL.createObjectURL(blob);
  $("save").download = `checkins-${card.night}-${card.team}.json`;
};
$("again").onclick = () => {
  if (confirm(say.start_ask)) { changed({ ...EMPTY, at: {} }); show("route"); }
};

function show(name) {
  for (const part of document.querySelectorAll("section")) part.hidden = part.id !== name;
  for (const tab of document.querySelectorAll("nav button")) {
    tab.toggleAttribute("aria-current", tab.dataset.to === name);
  }
  document.querySelector("main").scrollTop = 0;
}
for (const tab of document.querySelectorAll("nav button")) tab.onclick = () => show(tab.dataset.to);
draw();
look(full);
show("route");
