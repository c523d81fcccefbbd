/** A figure narrower than this uses the phone layout, if it has one. */
const narrowBelow = 650;
const places = [...document.querySelectorAll(".plotly")];
const isNarrow = (place) => place.figure.narrow && place.clientWidth < narrowBelow;
const isClear = ({ layout }) => /^(transparent|rgba\([^)]*,\s*0\))$/.test(layout.paper_bgcolor ?? "");
async function draw(place) {
  const small = isNarrow(place);
  const ink = isClear(place.figure) ? getComputedStyle(document.body).color : null;
  place.classList.toggle("narrow", Boolean(small));
  place.isNarrow = small;
  await drawPlot(place.drawing, place.figure, small, ink);
}
for (const place of places) {
  place.figure = JSON.parse(place.querySelector("script").textContent);
  place.drawing = document.createElement("div");
  place.drawing.setAttribute("role", "figure");
  place.drawing.setAttribute("aria-label", place.querySelector(".title")?.textContent ?? "chart");
  place.append(place.drawing);
  draw(place).then(() => place.querySelector("img")?.remove()).catch(() => place.drawing.remove());
}
let latest;
addEventListener("resize", () => {
  clearTimeout(latest);
  latest = setTimeout(() => {
    for (const place of places) if (place.drawing.isConnected && place.isNarrow !== isNarrow(place)) draw(place);
  }, 100);
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  for (const place of places) if (place.drawing.isConnected && isClear(place.figure)) draw(place);
});
