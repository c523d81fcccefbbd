// Draws controls, and the charts and tables of their positions. Runs in a browser, after plotly.js of this folder.
(() => {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const phone = matchMedia("(max-width: 680px)");
  const make = (name, parent, fields = {}) => parent.appendChild(Object.assign(document.createElement(name), fields));
  function control(bar, { label, values, at, kind }, move) {
    const line = make("label", bar);
    make("span", line, { textContent: label });
    if (kind === "slider") {
      const input = make("input", line, { type: "range", min: 0, max: values.length - 1, step: 1, value: at });
      const output = make("output", line, { textContent: values[at] });
      input.setAttribute("aria-valuetext", values[at]);
      input.oninput = () => {
        output.textContent = values[input.value];
        input.setAttribute("aria-valuetext", values[input.value]);
        move(Number(input.value));
      };
    } else {
      const input = make("select", line);
      for (const value of values) make("option", input, { textContent: value });
      input.selectedIndex = at;
      input.onchange = () => move(input.selectedIndex);
    }
  }
  function drawTable(place, { caption, columns, rows }) {
    place.replaceChildren();
    const table = make("table", place);
    make("caption", table, { textContent: caption });
    const head = make("tr", make("thead", table));
    for (const text of columns) make("th", head, { textContent: text, scope: "col" });
    const body = make("tbody", table);
    for (const row of rows) {
      const line = make("tr", body);
      for (const text of row) make("td", line, { textContent: text });
    }
  }
  async function drawFigure(place, figure, click) {
    const isNarrow = phone.matches && figure.narrow !== null;
    place.classList.toggle("wide", phone.matches && !isNarrow);
    if (!place.caption) {
      place.caption = Object.assign(document.createElement("p"), { className: "finding" });
      place.before(place.caption);
    }
    place.caption.textContent = isNarrow ? figure.title : "";
    place.caption.hidden = place.caption.textContent === "";
    place.style.height = (isNarrow ? figure.narrow : figure).layout.height + "px";
    await drawPlot(place, figure, isNarrow, getComputedStyle(document.body).color);
    if (place.listens) return;
    place.listens = true;
    place.on("plotly_click", ({ points: [point] }) => {
      const call = [point.pointNumber].flat().reduce((calls, index) => calls?.[index], point.data.meta?.calls);
      if (typeof call === "string") click(call);
    });
  }
  async function start(root) {
    const { controls, parts, code } = await unpack(root.querySelector("script").textContent).json();
    const at = controls.map((each) => each.at);
    const bar = make("div", root, { className: "controls" });
    const places = parts.map(({ items: [first] }) => make("div", root, { className: first.rows ? "rows" : "chart" }));
    const typed = make("p", root, { className: "typed" });
    typed.setAttribute("aria-live", "polite");
    typed.textContent = "Click a domain, a gate or a row in a chart: the code that looks into it appears here.";
    const click = (call) => {
      const settings = controls.flatMap(({ setting, values }, c) =>
        setting === null ? [] : [setting + ": " + values[at[c]]],
      );
      typed.textContent = "To look into it, type in a notebook: ";
      make("code", typed, { textContent: code[0] + settings.join(", ") + code[1] + " " + call });
    };
    const drawn = parts.map(() => -1);
    let work = Promise.resolve();
    const draw = (again) => {
      work = work.then(async () => {
        for (const [p, { by, items }] of parts.entries()) {
          const index = by.reduce((sum, c) => sum * controls[c].values.length + at[c], 0);
          if (index === drawn[p] && !again) continue;
          drawn[p] = index;
          const item = items[index];
          if (item.rows) drawTable(places[p], item);
          else await drawFigure(places[p], item, click);
        }
        root.dataset.drawn = at.join();
      });
      return work;
    };
    for (const [c, each] of controls.entries()) {
      control(bar, each, (position) => {
        at[c] = position;
        draw(false);
      });
    }
    dark.addEventListener("change", () => draw(true));
    phone.addEventListener("change", () => draw(true));
    await draw(false);
  }
  for (const root of document.querySelectorAll(".frames")) {
    start(root).catch((error) => {
      make("p", root, {
        textContent: "The charts could not be drawn: " + error.message + ". A current browser is needed.",
      });
    });
  }
})();
