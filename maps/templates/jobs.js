// Long work: asked for, followed to its end, cancelled. The words stand in the page (jobs.html).
"use strict";
const jobs = (() => {
  const OVER = ["done", "failed", "cancelled"];
  const KINDS = ["queued", "started", "step", "cancelling", "returned", ...OVER];
  const followed = new WeakMap();
  const address = (path) => new URL(path, acts.root);

  function part(box, name) {
    return box.querySelector(name);
  }

  function tell(box, text) {
    part(box, ".job-step").textContent = text;
  }

  function show(box, state) {
    const { states } = JSON.parse(box.dataset.words);
    const sign = { done: "✓ ", failed: "▲ " }[state] || "";
    box.dataset.state = state;
    part(box, ".job-state").textContent = `${sign}${states[state] || state}`;
    part(box, "progress").hidden = OVER.includes(state);
    part(box, ".job-cancel").hidden = OVER.includes(state);
    part(box, ".job-cancel").disabled = state === "cancelling" || !box.dataset.number;
  }

  // The box as it is before anything is known.
  function clear(box) {
    followed.get(box)?.close();
    followed.delete(box);
    delete box.dataset.number; // nothing to cancel yet
    box.hidden = false;
    part(box, ".job-file").hidden = true;
    part(box, "progress").removeAttribute("value");
    tell(box, "");
  }

  // What an event says, in the box.
  function take(box, kind, said) {
    const { steps } = JSON.parse(box.dataset.words);
    const bar = part(box, "progress");
    if (kind === "step") {
      if (box.dataset.state !== "cancelling") show(box, "running");
      bar.max = Math.max(said.total, 1);
      // A single step says nothing of how far it is.
      if (said.total > 1) bar.value = said.done; else bar.removeAttribute("value");
      const count = said.total > 1 ? ` · ${Math.min(said.done + 1, said.total)} / ${said.total}` : "";
      tell(box, `${steps[said.step] || said.step}${count}`);
    } else {
      show(box, kind === "started" ? "running" : kind);
      if (said.message || OVER.includes(kind)) tell(box, said.message || "");
    }
  }

  // Show a job in a box until it is over; then `ended(state, what it said)` is called.
  // Returns a function that leaves it: the work itself goes on.
  function follow(id, box, ended = () => {}) {
    clear(box);
    box.dataset.number = id;
    show(box, "queued");
    const words = JSON.parse(box.dataset.words);
    const source = new EventSource(address(`jobs/${id}/events`));
    followed.set(box, source);
    for (const kind of KINDS) {
      source.addEventListener(kind, (event) => {
        const said = JSON.parse(event.data);
        take(box, kind, said);
        if (!OVER.includes(kind)) return;
        source.close();
        if (said.result?.file) {
          part(box, ".job-file").href = address(`jobs/${id}/file`);
          part(box, ".job-file").hidden = false;
        }
        ended(kind, said);
        if (kind === "done" && box.dataset.then === "reload") location.reload();
      });
    }
    source.onerror = () => tell(box, source.readyState === EventSource.CLOSED ? words.gone : words.lost);
    fetch(address(`jobs/${id}`)).then((answer) => answer.json()).then((job) => name(box, job.kind)).catch(() => {});
    return () => source.close();
  }

  function name(box, kind) {
    part(box, ".job-kind").textContent = JSON.parse(box.dataset.words).kinds[kind] || kind || "";
  }

  // Ask for work and follow it in a box.
  async function start(kind, params, box, ended) {
    clear(box);
    name(box, kind);
    show(box, "queued");
    try {
      const job = await acts.post("jobs", JSON.stringify({ kind, params }));
      follow(job.id, box, ended);
      return job;
    } catch (error) {
      show(box, "failed");
      tell(box, error instanceof TypeError ? JSON.parse(box.dataset.words).gone : error.message);
      return null;
    }
  }

  // Follow what runs or waits already, if it is of one of these kinds; after a page was opened.
  async function resume(box, kinds, ended) {
    for (const state of ["running", "queued"]) {
      const answer = await fetch(address(`jobs?state=${state}`)).catch(() => null);
      if (!answer?.ok) return null;
      const job = (await answer.json()).jobs.find((one) => kinds.includes(one.kind));
      if (job) {
        follow(job.id, box, ended);
        return job;
      }
    }
    return null;
  }

  document.addEventListener("click", async (event) => {
    const asks = event.target.closest("[data-job-box]");
    if (asks) {
      const { kind, params } = JSON.parse(asks.dataset.job);
      asks.disabled = true;
      await start(kind, params, document.getElementById(asks.dataset.jobBox));
      asks.disabled = false;
    }
    const cancels = event.target.closest(".job-cancel");
    if (cancels) {
      const box = cancels.closest(".job");
      cancels.disabled = true;
      try {
        await acts.post(`jobs/${box.dataset.number}/cancel`, "{}");
      } catch (error) {
        cancels.disabled = false;
        tell(box, error instanceof TypeError ? JSON.parse(box.dataset.words).gone : error.message);
      }
    }
  });
  return { follow, start, resume };
})();
