// Points of a map: marks on the canvas, words as elements. `fengqiaoMarks` is given the looks.
"use strict";
window.fengqiaoMarks = (looks) => {
  const shapes = {
    triangle: (c, x, y, r) => { c.moveTo(x, y - r); c.lineTo(x + r * 0.9, y + r * 0.7); c.lineTo(x - r * 0.9, y + r * 0.7); c.closePath(); },
    square: (c, x, y, r) => { c.rect(x - r * 0.85, y - r * 0.85, r * 1.7, r * 1.7); },
    cross: (c, x, y, r) => { c.moveTo(x - r, y - r); c.lineTo(x + r, y + r); c.moveTo(x + r, y - r); c.lineTo(x - r, y + r); },
    circle: (c, x, y, r) => { c.arc(x, y, r, 0, 2 * Math.PI); },
    arrow: (c, x, y, r, angle) => {
      const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
      const to = (u, v) => [x + u * cos - v * sin, y + u * sin + v * cos];
      c.moveTo(...to(r, 0)); c.lineTo(...to(-r * 0.7, r * 0.75)); c.lineTo(...to(-r * 0.25, 0));
      c.lineTo(...to(-r * 0.7, -r * 0.75)); c.closePath();
    },
  };
  const Mark = L.CircleMarker.extend({
    _updatePath() {
      const renderer = this._renderer;
      if (!renderer._drawing || this._empty()) return;
      const { x, y } = this._point;
      renderer._ctx.beginPath();
      shapes[this.options.shape](renderer._ctx, x, y, Math.max(this._radius, 1), this.options.angle || 0);
      renderer._fillStroke(renderer._ctx, this);
    },
  });

  function mark(look, latlng) {
    const [shape, radius, color, filled, edge] = looks[look];
    const line = shape === "cross" ? color : filled ? edge || "#ffffff" : color;
    return new Mark(latlng, {
      shape, radius, color: line, weight: filled ? 1.5 : 2.5,
      fill: shape !== "cross", fillColor: filled ? color : "#ffffff", fillOpacity: 1,
    });
  }

  function words(latlng, look, text, extra) {
    const element = document.createElement("span");
    element.textContent = text;
    return L.marker(latlng, {
      icon: L.divIcon({ className: `tag tag-${look}${extra ? ` ${extra}` : ""}`, html: element, iconSize: null }),
      keyboard: false, interactive: !["label", "street", "minutes", "share"].includes(look),
      zIndexOffset: { rank: 1000, place: 900, base: 800, stop: 500, minutes: 400, unit: 300, street: -500 }[look] || 0,
    });
  }

  function point(feature, latlng) {
    const p = feature.properties;
    return p.tag !== undefined ? words(latlng, p.look, p.tag, p.css) : mark(p.look, latlng);
  }

  return { Mark, mark, point };
};
