// Screens, by the part of the address behind #, so that the phone's own way back works.
const SCREENS = ["route", "list", "map", "hazards", "help"];
function screenNow() {
  const name = location.hash.slice(1);
  return SCREENS.includes(name) ? name : "route";
}
function show(name) {
  if (screenNow() !== name) location.hash = name;
  drawScreen();
}
function drawScreen() {
  const name = screenNow();
  if (name !== "map" && aimed) aimOff();
  for (const part of document.querySelectorAll("main > section")) part.hidden = part.id !== name;
  for (const tab of document.querySelectorAll("nav [data-to]")) {
    if (tab.dataset.to === name || (name === "map" && tab.dataset.to === "route")) tab.setAttribute("aria-current", "page");
    else tab.removeAttribute("aria-current");
  }
  document.querySelector("main").scrollTop = 0;
}
window.addEventListener("hashchange", drawScreen);
for (const tab of document.querySelectorAll("[data-to]")) tab.addEventListener("click", () => show(tab.dataset.to));

// Kept on the phone, where the browser allows it; said plainly where it does not.
async function keepPage() {
  if (!window.isSecureContext || !("serviceWorker" in navigator)) {
    $("saved").textContent = say.unsaved;
    return;
  }
  try {
    await navigator.serviceWorker.register("sw.js", { scope: "./" });
    const cache = await caches.open("leader-1"), address = location.pathname + location.search;
    if (!(await cache.match(address, { ignoreVary: true }))) await cache.add(address);
    $("saved").textContent = say.saved;
    $("saved").className = "good";
    document.documentElement.dataset.kept = "";
  } catch {
    $("saved").textContent = navigator.onLine ? say.unsaved : "";
  }
}

draw();
look(full);
drawScreen();
keepPage();
send();
