// Keeps the pages of leaders on the phone: from the server where it answers, else as they were.
"use strict";
const NAME = "leader-1", PATIENCE_MS = 4000, KEPT_DAYS = 3;
const ANY = { ignoreSearch: true, ignoreVary: true };
const GONE = [403, 404, 410];
// What is said where nothing is kept: {zh, en}.
const NOTHING = "{nothing}";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(forgetOld().then(() => self.clients.claim())));
self.addEventListener("fetch", (event) => {
  if (event.request.mode === "navigate") event.respondWith(page(event.request));
});

async function page(request) {
  const cache = await caches.open(NAME);
  const kept = (await cache.match(request, { ignoreVary: true })) ?? (await cache.match(request, ANY));
  const asked = fetch(request).then(async (answer) => {
    if (answer.ok) await cache.put(request, answer.clone());
    else if (GONE.includes(answer.status)) await cache.delete(request, ANY);
    return answer;
  });
  if (!kept) return asked.catch(nothing);
  const soon = new Promise((take) => { setTimeout(take, PATIENCE_MS, kept); });
  const answer = await Promise.race([asked.catch(() => kept), soon]);
  return answer.ok || GONE.includes(answer.status) ? answer : kept;
}

function nothing() {
  const page_ = `<!DOCTYPE html><html lang="zh-CN"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark"><title>110</title><h1>${NOTHING.zh}</h1><h1 lang="en">${NOTHING.en}</h1></html>`;
  return new Response(page_, { status: 503, headers: { "Content-Type": "text/html", "Content-Security-Policy": "default-src 'none'" } });
}

async function forgetOld() {
  const cache = await caches.open(NAME), oldest = Date.now() - KEPT_DAYS * 86400e3;
  for (const request of await cache.keys()) {
    const answer = await cache.match(request, ANY);
    if (!answer || Date.parse(answer.headers.get("Date")) < oldest) await cache.delete(request);
  }
}
