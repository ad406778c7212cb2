// Buttons that change something. Read before the page's body, so that a press never comes too early.
"use strict";
const acts = (() => {
  let busy = false;

  function tell(text) {
    const told = document.getElementById("told");
    if (!told) return;
    told.hidden = false;
    told.textContent = text;
    told.scrollIntoView({ block: "nearest" });
  }

  const failed = (error) => tell(error instanceof TypeError ? document.getElementById("told").dataset.failed : error.message);

  async function post(path, body, method = "POST") {
    const answer = await fetch(`../${path.split("/").map(encodeURIComponent).join("/")}`, {
      method, headers: { "Content-Type": "application/json", "Accept-Language": document.documentElement.lang }, body,
    });
    const document_ = await answer.json();
    if (!answer.ok) throw new Error(document_.detail || answer.statusText);
    return document_;
  }

  // Do one thing at a time; what fails is told, and may be tried again.
  async function once(doing) {
    if (busy) return;
    busy = true;
    try { await doing(); } catch (error) { busy = false; failed(error); }
  }

  async function press(button) {
    button.disabled = true;
    let number = null;
    try {
      if (button.dataset.first) number = (await post("incidents", button.dataset.first)).incident.number;
      await post(button.dataset.post.replace("{number}", number), button.dataset.body, button.dataset.method);
    } catch (error) {
      button.disabled = false;
      if (number === null) throw error;
      failed(error);
    }
    if (number === null) location.reload();
    else {
      const next = new URL(location.href);
      next.searchParams.set("number", number);
      location.assign(next);
    }
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-post]");
    if (button && !button.disabled) once(() => press(button));
  });
  return { post, once, busy: () => busy };
})();
