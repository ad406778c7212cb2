// What stands beside the map about one thing: rows, tables and lists, whose entries lead further.
"use strict";
window.fengqiaoDetails = (isKnown, follow) => {
  function make(tag, css, text) {
    const element = document.createElement(tag);
    if (css) element.className = css;
    if (text) element.textContent = text;
    return element;
  }

  function show({ title, rows, lists, tables }) {
    document.getElementById("details-title").textContent = title;
    const told = rows.filter(([, text]) => text !== null && text !== undefined && text !== "");
    document.getElementById("details-rows").replaceChildren(...told.flatMap(([label, text]) => [make("dt", "", label), make("dd", "", text)]));
    document.getElementById("details-tables").replaceChildren(...tables.flatMap(tableOf));
    document.getElementById("details-lists").replaceChildren(...lists.flatMap(listOf));
    document.getElementById("list").hidden = true;
    document.getElementById("details").hidden = false;
    document.getElementById("panel-body").scrollTop = 0;
  }

  // Tables and lists among the details, as page.html writes those of the panel.
  function tableOf({ title, heads, rows, note }) {
    const table = make("table", "small");
    const head = table.createTHead().insertRow();
    head.append(make("td"), ...heads.map((text) => { const th = make("th", "", text); th.scope = "col"; return th; }));
    const body = table.createTBody();
    for (const [words, cells] of rows) {
      const th = make("th", "", words);
      th.scope = "row";
      body.insertRow().append(th, ...cells.map(([value, doubt]) => { const td = make("td", "", value); if (doubt) td.append(make("small", "", doubt)); return td; }));
    }
    return [make("h3", "", title), table, ...(note ? [make("p", "muted", note)] : [])];
  }

  function listOf({ title, entries, more }) {
    const list = make("ol");
    for (const [name, note, end, endNote, key, badge, badgeCss] of entries) {
      const known = key && isKnown(key);
      const row = make(known ? "button" : "div", "entry");
      if (badge) row.append(make("span", `badge ${badgeCss}`, badge));
      const words = make("span", "words");
      words.append(make("span", "title", name));
      if (note) words.append(make("span", "note", note));
      row.append(words);
      if (end || endNote) {
        const last = make("span", "end", end);
        if (endNote) last.append(make("small", "", endNote));
        row.append(last);
      }
      if (known) {
        row.type = "button";
        row.addEventListener("click", () => follow(key));
      }
      const item = make("li");
      item.append(row);
      list.append(item);
    }
    const parts = [make("h3", "list-title", title), list];
    if (more) parts.push(make("p", "muted", more));
    return parts;
  }

  return { show };
};
