// A link that shows nothing any more: what this phone has not delivered is shown as its code.
"use strict";
const { key } = document.body.dataset;
try {
  const kept = JSON.parse(localStorage.getItem(key) ?? "null");
  if (kept?.code && kept.queue?.length) {
    document.getElementById("code").textContent = kept.code.replaceAll("-", " ");
    document.getElementById("left").hidden = false;
  }
} catch { /* a phone that keeps nothing has nothing to show */ }
