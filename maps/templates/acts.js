// Buttons that change something. Read before the page's body, so that a press never comes too early.
"use strict";
const acts = (() => {
  // Where the server's paths begin, however deep a page lies.
  const root = new URL("../", document.currentScript.src);
  let busy = false;

  function cookie(name) {
    const found = document.cookie.split("; ").find((part) => part.startsWith(`${name}=`));
    return found === undefined ? "" : found.slice(name.length + 1);
  }

  // What a request that changes something must say; more may be added.
  function headers(more = {}) {
    const said = { "Content-Type": "application/json", "Accept-Language": document.documentElement.lang };
    const token = cookie("fq_csrf");
    if (token) said["X-CSRF-Token"] = token;
    return { ...said, ...more };
  }

  function tell(text) {
    const told = document.getElementById("told");
    if (!told) return;
    told.hidden = false;
    told.textContent = text;
    told.scrollIntoView({ block: "nearest" });
  }

  const failed = (error) => tell(error instanceof TypeError ? document.getElementById("told").dataset.failed : error.message);

  async function post(path, body, method = "POST") {
    const address = new URL(path.split("/").map(encodeURIComponent).join("/"), root);
    const answer = await fetch(address, { method, headers: headers(), body });
    if (answer.status === 401) {
      const login = new URL("login", root);
      login.searchParams.set("next", location.pathname + location.search);
      location.assign(login);
    }
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

  // Who is logged in; nobody where there are no accounts.
  const [user, role] = cookie("fq_user").split(":");
  if (role) document.documentElement.dataset.role = role;
  document.addEventListener("DOMContentLoaded", () => {
    const account = document.getElementById("account");
    if (!account || !role) return;
    account.elements.csrf.value = cookie("fq_csrf");
    account.querySelector(".name").textContent = decodeURIComponent(user);
    account.querySelectorAll(".role").forEach((word) => { word.hidden = word.dataset.role !== role; });
    account.hidden = false;
  });
  return { post, headers, once, root, busy: () => busy };
})();
