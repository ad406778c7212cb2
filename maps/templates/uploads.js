// Files of one's own are sent and looked at; choices are said, then it is brought in. Two dates,
// reports and hazards are asked for in the same way.
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const { base, lang } = document.querySelector(".work").dataset;
  const told = document.getElementById("told");
  const compare = document.getElementById("compare");
  const here = (path) => `${base}${path}?lang=${lang}`;

  function tell(text) {
    told.hidden = false;
    told.textContent = text;
    told.scrollIntoView({ block: "nearest" });
  }

  // Do one thing, its buttons off meanwhile; what fails is told.
  async function doing(form, what) {
    const buttons = [...form.querySelectorAll("button")];
    const sending = form.querySelector("#sending");
    buttons.forEach((button) => { button.disabled = true; });
    if (sending) sending.hidden = false;
    try { await what(); } catch (error) {
      tell(error instanceof TypeError ? told.dataset.failed : error.message);
      buttons.forEach((button) => { button.disabled = false; });
      if (sending) sending.hidden = true;
    }
  }

  async function send(form) {
    const files = [...form.elements.file.files];
    const { most, tooLarge } = form.elements.file.dataset;
    if (files.reduce((sum, file) => sum + file.size, 0) > most * 1048576) throw new Error(tooLarge);
    const { "Content-Type": _, ...headers } = acts.headers();
    const answer = await fetch(new URL("uploads", acts.root), { method: "POST", headers, body: new FormData(form) });
    const document_ = await answer.json();
    if (!answer.ok) throw new Error(document_.detail || answer.statusText);
    location.assign(here(`planner/files/${document_.id}`));
  }

  const upload = document.getElementById("upload");
  if (upload) upload.addEventListener("submit", (event) => { event.preventDefault(); doing(upload, () => send(upload)); });

  // ---- One upload ---------------------------------------------------------------------------
  const choices = document.querySelector(".choices");
  const identity = choices && choices.dataset.id;
  const say = async (given) => { await acts.post(`uploads/${identity}`, JSON.stringify(given)); location.reload(); };
  if (choices) {
    choices.addEventListener("submit", (event) => {
      event.preventDefault();
      const given = Object.fromEntries([...choices.querySelectorAll("[data-choice]")].map((one) => [one.name, one.value]));
      doing(choices, () => say(given));
    });
    choices.querySelector("[data-remove]").addEventListener("click", () => doing(choices, async () => {
      await acts.post(`uploads/${identity}`, undefined, "DELETE");
      location.assign(here("planner/files"));
    }));
  }
  for (const button of document.querySelectorAll("[data-say]")) {
    button.addEventListener("click", () => doing(button.closest("section"), () => say({ [button.dataset.say]: button.dataset.value })));
  }
  const apply = document.querySelector("[data-apply]");
  if (apply) {
    apply.addEventListener("click", () => doing(apply.closest("section"), async () => {
      await acts.post(`uploads/${identity}/apply`, JSON.stringify({ revision: Number(apply.dataset.apply) }));
      location.hash = "imported";
      location.reload();
    }));
  }
  // Brought in just now: the answers follow by themselves.
  const box = document.getElementById("work");
  if (box && location.hash === "#imported") {
    history.replaceState(null, "", location.pathname + location.search);
    delete box.dataset.then;
    jobs.start("answers", { kinds: ["coverage", "response", "targets", "rectification"] }, box);
  } else if (box) jobs.resume(box, compare ? ["change"] : ["answers", "report"]);

  // ---- Two dates, hazards -------------------------------------------------------------------
  if (compare) {
    compare.addEventListener("submit", (event) => {
      event.preventDefault();
      const given = { against: compare.elements.against.value };
      if (compare.elements.at.value) given.at = compare.elements.at.value;
      jobs.start("change", given, box, (state) => { if (state === "done") location.assign(here("pages/change")); });
    });
  }
  for (const form of document.querySelectorAll("form.hazard")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const { state, answer } = form.elements;
      const given = { state: state.value, ...(answer.value ? { answer: answer.value } : {}) };
      doing(form, async () => { await acts.post(`hazards/${form.dataset.number}`, JSON.stringify(given)); location.reload(); });
    });
  }
});
