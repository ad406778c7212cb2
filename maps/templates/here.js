// On a server: what may be done at a place that one clicks on the map. Its links stand in the page.
"use strict";
(() => {
  const links = document.getElementById("here");

  function linksTo({ lat, lng }, onMap) {
    const made = links.content.cloneNode(true);
    // The picture of a camera, in the town's own video platform.
    const [, camera] = (!onMap && (window.fengqiao.selected() || "").match(/^camera:(.+)$/)) || [];
    for (const link of made.querySelectorAll("[data-video]")) {
      if (camera) link.href = link.dataset.video.replaceAll("{code}", encodeURIComponent(camera)); else link.remove();
    }
    if (!onMap) for (const link of made.querySelectorAll("[data-map-only]")) link.remove();
    for (const link of made.querySelectorAll("[data-here]")) {
      link.href = `${link.getAttribute("href")}&lon=${lng.toFixed(6)}&lat=${lat.toFixed(6)}`;
    }
    return made;
  }

  function offer(event) {
    const box = document.createElement("div");
    box.className = "buttons";
    box.append(linksTo(event.latlng.wrap(), true));
    L.popup({ className: "here", minWidth: 160, autoPanPadding: [16, 80] })
      .setLatLng(event.latlng).setContent(box).openOn(event.target);
  }

  document.addEventListener("DOMContentLoaded", () => {
    const map = window[document.querySelector(".folium-map").id];
    map.on("click contextmenu", offer);
  });

  // What is selected and stands at one point.
  document.addEventListener("fengqiao:select", (event) => {
    const place = document.getElementById("details-links");
    place.hidden = !event.detail;
    place.replaceChildren(...(event.detail ? [linksTo(event.detail, false)] : []));
  });
})();
