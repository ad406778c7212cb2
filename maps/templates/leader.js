"use strict";
const card = JSON.parse(document.getElementById("data").textContent), say = card.words;
const $ = (id) => document.getElementById(id);
const stops = new Map(card.stops.map((stop) => [stop.c, stop]));
const HOME = "base";

// What this phone remembers. `queue` holds what the server has not got yet, oldest first; all the
// rest is what the server said last with the queue on top.
const EMPTY = {
  people: card.size, out: null, back: null, at: {}, extra: [], rung: null, hazards: [], queue: [], code: "",
};
let state = remembered();

function remembered() {
  try {
    return { ...EMPTY, ...JSON.parse(localStorage.getItem(card.key)) };
  } catch {
    return { ...EMPTY };
  }
}

function changed(change) {
  state = { ...state, ...change };
  state.code = codeNow();
  try {
    localStorage.setItem(card.key, JSON.stringify(state));
  } catch { /* a phone that keeps nothing still shows the way */ }
  draw();
}

// Changed by another tab of this phone.
window.addEventListener("storage", (event) => {
  if (event.key === card.key) { state = remembered(); draw(); }
});

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

// A check-in whose time the server does not keep is 0.
const checkedText = (ms) => (ms ? filled(say.checked, { time: clockOf(ms) }) : say.checked_plain);

// Order of the last stop that was reached, 0 at the base.
function reached() {
  return Math.max(0, ...card.stops.filter((stop) => stop.c in state.at).map((stop) => stop.n));
}

function ahead() {
  const after = reached(), left = state.rung ? state.rung.s : card.stops.map((stop) => stop.c);
  return left.filter((code) => stops.get(code)?.n > after && !(code in state.at));
}

function here() {
  return card.stops.find((stop) => stop.n === reached())?.c ?? HOME;
}

function leg() {
  return card.legs[`${here()}>${ahead()[0] ?? HOME}`] ?? null;
}

function rungsHere() {
  return card.rungs.filter((rung) => rung.a === reached());
}

function codeNow() {
  const at = card.stops.map((stop) => (state.at[stop.c] ? Math.floor((state.at[stop.c] - card.noon) / 60000) : null));
  return at.some((minute) => minute !== null) ? codeOf(card.plan, at, state.people) : "";
}

function put(parent, tag, text = "", className = "") {
  const made = parent.appendChild(document.createElement(tag));
  made.textContent = text;
  if (className) made.className = className;
  return made;
}

function draw() {
  drawRoute();
  drawList();
  drawMap();
  drawHazards();
  drawLine();
  $("place").textContent = here() === HOME ? say.help_base
    : filled(say.help_say, { n: stops.get(here()).n, name: stops.get(here()).t });
}

function drawRoute() {
  const step = state.back !== null ? "over" : state.out === null ? "ready" : "walk";
  for (const part of ["ready", "walk", "over"]) $(part).hidden = part !== step;
  $("tools").hidden = step !== "walk";
  $("n").textContent = state.people;
  $("safe").hidden = step !== "walk";
  if (step === "walk") return drawWalk();
  $("go").hidden = step === "over";
  $("go").textContent = say.go_out;
  $("over-sum").textContent = filled(say.done_sum, { done: Object.keys(state.at).length, all: card.stops.length });
  $("over-safe").textContent = filled(say.safe_said, { time: state.back ? clockOf(state.back) : "" });
}

function drawWalk() {
  const stop = stops.get(ahead()[0]), way = leg();
  $("now").hidden = !state.rung;
  $("now").textContent = state.rung ? filled(say.now_on, { rung: say[state.rung.r] ?? state.rung.r }) : "";
  $("count").textContent = stop ? filled(say.stop_of, { n: stop.n, all: card.stops.length }) : "";
  $("name").textContent = stop ? stop.t : say.home;
  $("mark").textContent = stop?.m ?? "";
  $("when").textContent = stop ? (state.rung ? stop.st : `${stop.a} · ${stop.st}`) : state.rung ? "" : card.back;
  $("note").textContent = stop ? [stop.must, state.rung ? "" : stop.win, stop.w].filter(Boolean).join(" · ") : "";
  $("way").hidden = !way?.min;
  $("first").textContent = way?.steps[0] ?? "";
  if (way) {
    $("arrow").style.transform = `rotate(${way.b}deg)`;
    $("min").textContent = way.min;
    $("far").textContent = way.far;
    $("heading").textContent = way.h;
  }
  $("scan").hidden = !stop?.p;
  $("change").hidden = !(rungsHere().length || state.rung);
  $("go").hidden = false;
  $("go").textContent = stop ? say.arrived : say.safe;
}

function drawList() {
  const left = new Set(ahead()), next = ahead()[0], walking = state.out !== null && state.back === null;
  $("list").firstElementChild.replaceChildren(...card.stops.map((stop) => {
    const row = document.createElement("li"), done = stop.c in state.at;
    row.className = done ? "done" : stop.c === next ? "next" : left.has(stop.c) ? "" : "out";
    const note = done ? checkedText(state.at[stop.c])
      : left.has(stop.c) ? [stop.a, stop.m].filter(Boolean).join(" · ") : say.left_out;
    put(row, "b", stop.n);
    const words = put(row, "div");
    put(words, "div", stop.t, "t");
    put(words, "small", note);
    if (walking) {
      const button = put(row, "button", done ? say.undo : say.check);
      button.setAttribute("aria-label", `${button.textContent} ${stop.n} ${stop.t}`);
      button.onclick = () => (done ? askUndo(stop.c) : checkIn(stop.c));
    }
    return row;
  }));
  $("extra").hidden = !state.extra.length;
  $("extra").textContent = filled(say.extra_said, { n: state.extra.map((one) => one.name).join("、") });
  $("code-open").hidden = !state.code;
}

// What a team does: written down here, and told to the server when it can be reached.
function checkIn(code, plate = null) {
  navigator.vibrate?.(60);
  const item = plate === null ? { stop: code } : { stop: code, plate };
  const at = tell({ kind: "checkin", ...item });
  changed({ at: { ...state.at, [code]: at } });
  toast(filled(say.checked_now, { name: stops.get(code).t }), say.undo, () => undo(code));
}

function undo(code) {
  const { [code]: _, ...at } = state.at;
  tell({ kind: "withdraw", stop: code });
  changed({ at });
}

function askUndo(code) {
  ask(say.undo_head, say.undo_yes, () => undo(code));
}

function people(n) {
  const many = Math.min(Math.max(n, 1), 31);
  if (state.out !== null && many !== state.people) tell({ kind: "signal", signal: "people", people: many });
  changed({ people: many });
}

function goOut() {
  const few = card.rungs.find((rung) => rung.a === 0 && rung.r === "fewer");
  tell({ kind: "signal", signal: "people", people: state.people });
  const out = tell({ kind: "signal", signal: "set_out" });
  changed({ out, rung: state.rung ?? (state.people < card.few && few ? few : null) });
}

function askSafe() {
  ask(say.safe_ask, say.safe_yes, () => {
    changed({ back: tell({ kind: "signal", signal: "safe" }) });
    show("route");
  });
}

$("go").onclick = () => {
  if (state.out === null) return goOut();
  const code = ahead()[0];
  return code ? checkIn(code) : askSafe();
};
$("safe").onclick = askSafe;
$("go-on").onclick = () => { tell({ kind: "withdraw", signal: "safe" }); changed({ back: null }); };
$("less").onclick = () => people(state.people - 1);
$("more").onclick = () => people(state.people + 1);

// A line above the screen that goes away by itself, with one thing to press; below it, whether
// the server has it.
let fading = 0;
function toast(text, word = "", act = null) {
  const [words, button] = $("toast").children;
  words.firstElementChild.textContent = text;
  button.hidden = !act;
  button.textContent = word;
  button.onclick = () => { untoast(); act?.(); };
  $("toast").hidden = false;
  clearTimeout(fading);
  fading = setTimeout(untoast, 7000);
}
function untoast() {
  $("toast").hidden = true;
}

// A sheet over the page. The phone's own way back closes it.
let after = null;
function open(title, fill) {
  const [head, body] = $("sheet").children;
  head.textContent = title;
  body.replaceChildren();
  fill(body);
  if ($("sheet").open) return;
  $("sheet").showModal();
  head.focus();
  history.pushState({ sheet: true }, "");
}
function close(then = null) {
  after = then;
  history.back();
}
window.addEventListener("popstate", () => {
  if ($("sheet").open) $("sheet").close();
  const then = after;
  after = null;
  then?.();
});
$("sheet").addEventListener("cancel", (event) => { event.preventDefault(); close(); });
$("sheet").addEventListener("close", () => stopCamera());
$("close").onclick = () => close();

function choice(body, word, act, small = "") {
  const button = put(body, "button", word);
  if (small) put(button, "small", small);
  button.onclick = () => close(act);
  return button;
}

function ask(title, word, act) {
  open(title, (body) => choice(body, word, act).classList.add("main"));
}

$("how").onclick = () => open(say.show_way, (body) => {
  const steps = leg()?.steps ?? [], list = put(body, "ol");
  for (const step of steps.length ? steps : [say.no_steps]) put(list, "li", step);
  choice(body, say.map, () => { show("map"); nearLeg(); });
  choice(body, say.take_me, chooseApp);
});

function chooseApp() {
  open(say.which_app, (body) => {
    for (const [name, href] of stops.get(ahead()[0])?.links ?? card.links) {
      const link = put(body, "a", name, "button");
      link.href = href;
      link.rel = "noreferrer";
    }
  });
}

$("change").onclick = () => open(say.what_changed, (body) => {
  const many = put(body, "div", "", "people"), words = put(many, "span");
  const step = (sign, by, label) => {
    const button = put(many, "button", sign);
    button.setAttribute("aria-label", label);
    button.onclick = () => { people(state.people + by); words.textContent = filled(say.we_are, { n: state.people }); };
  };
  words.textContent = filled(say.we_are, { n: state.people });
  step("−", -1, say.fewer_person);
  step("+", 1, say.more_person);
  for (const rung of rungsHere()) {
    const time = clockOf(Date.now() + rung.b * 1000);
    const small = filled(rung.s.length ? say.rung_says : say.rung_home, { n: rung.s.length, time });
    choice(body, say[rung.r] ?? rung.r, () => changed({ rung }), small);
  }
  if (state.rung) choice(body, say.as_planned, () => changed({ rung: null }));
});

$("code-open").onclick = () => open(say.code_head, (body) => {
  put(body, "p", say.code_say);
  put(body, "p", state.code.replaceAll("-", " "), "code");
  const button = put(body, "button", say.copy);
  button.onclick = async () => { await copy(state.code, body); button.textContent = say.copied; };
});

async function copy(text, parent) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const box = put(parent, "textarea", text);
    box.select();
    document.execCommand("copy");
    box.remove();
  }
}
