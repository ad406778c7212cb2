// The strip of the week: pointing at an hour, or moving through the hours by arrow keys, tells it.
"use strict";
(() => {
  const strip = document.getElementById("week");
  const told = document.getElementById("week-told");
  const pointer = strip.querySelector(".pointer");
  const cells = [...strip.querySelectorAll("rect[data-hour]")];
  const STEPS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -24, ArrowDown: 24 };
  let at = -1;

  function tell(hour) {
    if (hour < 0 || hour >= cells.length) return;
    at = hour;
    told.textContent = cells[at].querySelector("title").textContent;
    pointer.setAttribute("x", Number(cells[at].getAttribute("x")) - 1);
    pointer.setAttribute("y", Number(cells[at].getAttribute("y")) - 1);
    pointer.setAttribute("visibility", "visible");
  }

  for (const type of ["pointerover", "click"]) {
    strip.addEventListener(type, (event) => tell(cells.indexOf(event.target.closest("rect[data-hour]"))));
  }
  strip.addEventListener("keydown", (event) => {
    if (!(event.key in STEPS)) return;
    event.preventDefault();
    tell(at < 0 ? 0 : at + STEPS[event.key]);
  });
})();
