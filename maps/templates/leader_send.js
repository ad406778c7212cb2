// What the server has not got yet is sent when it can be reached, in order, as often as it takes.
const PATIENCE_MS = 20000, AGAIN_MS = 15000;
let busy = false, reachable = navigator.onLine, deliveredUntil = 0, again = 0, mark = card.plan.mark;

// Write an item down, and return its moment; `changed` then keeps it.
function tell(item) {
  const at = Date.now(), bytes = crypto.getRandomValues(new Uint8Array(12));
  const uid = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  state.queue = [...state.queue, { uid, at, ...item }];
  setTimeout(send);
  return at;
}

async function send() {
  if (busy) return undefined;
  clearTimeout(again);
  if (document.hidden && !state.queue.length) return undefined; // asked again when it is looked at
  busy = true;
  const items = state.queue.slice(0, card.most), patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), PATIENCE_MS);
  drawLine();
  let more = false;
  try {
    const answer = await fetch(`${location.pathname}/reports`, {
      method: "POST", headers: { "Content-Type": "application/json" }, signal: patience.signal,
      body: JSON.stringify({ now: Date.now(), items }),
    });
    if ([403, 410].includes(answer.status)) return await leave();
    if (!answer.ok) throw new Error(answer.statusText);
    take(await answer.json(), items);
    reachable = true;
    more = state.queue.length > 0;
    if (items.length && !more) deliveredUntil = Date.now() + 5000;
  } catch {
    reachable = false;
  } finally {
    clearTimeout(timer);
    busy = false;
  }
  drawLine();
  again = setTimeout(send, more ? 0 : state.queue.length ? AGAIN_MS : card.every * 1000);
  return undefined;
}

// The link shows nothing any more: the page must not either, not even from the phone.
async function leave() {
  try {
    if ("caches" in window) await (await caches.open("leader-1")).delete(location.pathname, { ignoreSearch: true, ignoreVary: true });
  } finally {
    location.reload();
  }
}

const REFUSED = {
  time: "refused_time", plate: "refused_plate", stop: "refused_stop", outside: "refused_outside",
  many: "refused_many",
};

// Make what the server says ours, with what it has not got yet on top.
function take(answer, items) {
  const had = new Set(items.map((item) => item.uid));
  const queue = state.queue.filter((item) => !had.has(item.uid));
  const ms = (text) => (text === null ? 0 : Date.parse(text));
  let at = Object.fromEntries(answer.checked.map((one) => [one.stop, ms(one.at) || state.at[one.stop] || 0]));
  let { people, set_out: out, safe: back } = answer;
  out = out ? ms(out.at) : null;
  back = back ? ms(back.at) : null;
  for (const item of queue) {
    if (item.kind === "checkin" && item.stop) at = { ...at, [item.stop]: at[item.stop] ?? item.at };
    if (item.kind === "withdraw" && item.stop) delete at[item.stop];
    if (item.signal === "people") people = item.people;
    if (item.signal === "set_out") out ??= item.at;
    if (item.signal === "safe") back = item.kind === "withdraw" ? null : back ?? item.at;
  }
  at = Object.fromEntries(Object.entries(at).filter(([code]) => stops.has(code)));
  mark = answer.mark;
  changed({
    queue, at, out, back, people: out === null ? state.people : people ?? state.people,
    extra: answer.extra, hazards: answer.hazards,
  });
  for (const one of answer.refused) toast(say[REFUSED[one.reason]] ?? say.refused_unreadable);
}

function drawLine() {
  const line = $("line"), n = state.queue.length, now = Date.now();
  const text = n && !reachable ? filled(say.waiting, { n }) : n ? filled(say.sending, { n })
    : !reachable ? say.offline : now < deliveredUntil ? say.delivered : "";
  const other = mark !== card.plan.mark;
  $("toast").firstElementChild.lastElementChild.textContent = text;
  line.className = reachable ? (n || !text ? "" : "good") : "waits";
  if (line.dataset.said === `${text} ${other}`) return;
  line.dataset.said = `${text} ${other}`;
  line.textContent = other ? say.replanned : text;
  if (other) put(line, "button", say.reload).onclick = () => location.reload();
  if (text === say.delivered) setTimeout(drawLine, deliveredUntil - now + 50);
}

for (const event of ["online", "pageshow"]) window.addEventListener(event, () => send());
window.addEventListener("offline", () => { reachable = false; drawLine(); });
document.addEventListener("visibilitychange", () => { if (!document.hidden) send(); });
