// Draws each `.plot` from its JSON, for its width, colours and medium, those in a folded part when it is opened. What stands
// there until then is removed; it stays if the figure cannot be drawn. Runs in a browser, after plotly.js of this folder.
(() => {
  const narrowBelow = 650; // a figure narrower than this uses the phone layout, if it has one
  const paperWidth = 688; // pixels of A4 between margins of 14 mm
  const places = [...document.querySelectorAll(".plot")];
  for (const place of places) place.figure = JSON.parse(place.querySelector("script").textContent);
  const isOpen = (place) => place.closest("details:not([open])") === null;
  const isNarrow = (place) => Boolean(place.figure.narrow) && place.clientWidth < narrowBelow;
  const isClear = ({ figure }) => /^(transparent|rgba\([^)]*,\s*0\))$/.test(figure.layout.paper_bgcolor ?? "");
  async function draw(place, onPaper = false) {
    const { figure } = place;
    const ink = onPaper ? "#000" : getComputedStyle(document.body).color;
    const small = !onPaper && isNarrow(place);
    place.isNarrow = small;
    place.classList.toggle("narrow", small);
    let live = place.querySelector(".live");
    if (!live) {
      live = place.appendChild(Object.assign(document.createElement("div"), { className: "live" }));
      live.setAttribute("role", "figure");
      live.setAttribute("aria-label", place.dataset.title ?? "chart");
    }
    live.style.height = (small ? figure.narrow : figure).layout.height + "px";
    try {
      await drawPlot(live, figure, small, isClear(place) ? ink : null, onPaper ? paperWidth : undefined);
      place.classList.add("drawn");
      place.querySelector("img, .still")?.remove();
    } catch {
      live.remove();
      place.classList.remove("drawn");
    }
  }
  async function drawAll(which) {
    for (const place of places.filter((each) => isOpen(each) && which(each))) {
      await draw(place);
      await new Promise((resolve) => setTimeout(resolve));
    }
  }
  let latest;
  addEventListener("resize", () => {
    clearTimeout(latest);
    latest = setTimeout(() => drawAll((place) => place.isNarrow !== isNarrow(place)), 100);
  });
  document.addEventListener("toggle", () => drawAll((place) => place.isNarrow === undefined), true);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    for (const place of places) if (!isOpen(place)) place.isNarrow = undefined;
    return drawAll(isClear);
  });
  addEventListener("beforeprint", () => {
    for (const part of document.querySelectorAll("details.part")) part.open = true;
    for (const place of places) draw(place, true);
  });
  addEventListener("afterprint", () => drawAll(() => true));
  drawAll(() => true).then(() => {
    document.body.dataset.charts = "drawn";
  });
})();
