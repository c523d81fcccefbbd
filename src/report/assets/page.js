/** A chart narrower than this uses the phone layout. */
const narrowBelow = 650;
const charts = [...document.querySelectorAll(".plot")];
const dark = matchMedia("(prefers-color-scheme: dark)");
const readFigure = (place) => place.figure ??= JSON.parse(place.querySelector("script").textContent);
const isOpen = (place) => place.closest("details:not([open])") === null;
async function draw(place) {
  const figure = readFigure(place);
  place.isNarrow = place.clientWidth < narrowBelow;
  let live = place.querySelector(".live");
  if (!live) place.append(live = Object.assign(document.createElement("div"), { className: "live" }));
  live.style.height = (place.isNarrow ? figure.narrow : figure).layout.height + "px";
  try {
    await drawPlot(live, figure, place.isNarrow, getComputedStyle(document.body).color);
    place.classList.add("drawn");
  } catch (error) {
    live.remove();
    place.classList.remove("drawn");
    throw error;
  }
}
async function drawAll(which) {
  for (const place of charts.filter((each) => isOpen(each) && which(each))) {
    await draw(place);
    await new Promise((resolve) => setTimeout(resolve));
  }
}
let latest;
addEventListener("resize", () => {
  clearTimeout(latest);
  latest = setTimeout(() => drawAll((place) => place.isNarrow !== place.clientWidth < narrowBelow), 100);
});
document.addEventListener("toggle", () => drawAll((place) => place.isNarrow === undefined), true);
dark.addEventListener("change", () => {
  for (const place of charts) if (!isOpen(place)) place.isNarrow = undefined;
  return drawAll(() => true);
});
addEventListener("beforeprint", () => {
  for (const part of document.querySelectorAll("details.part")) part.open = true;
});
const drawing = drawAll(() => true).then(() => document.body.dataset.charts = "drawn");
