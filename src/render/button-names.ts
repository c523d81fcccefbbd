/** Names for the buttons that Plotly draws above a figure, for screen readers. */

/** Plain JavaScript: a function that names the buttons of a drawn figure. Plotly has their names in `data-title` only. */
export const nameButtons: string = `
function nameButtons(drawing) {
  for (const button of drawing.querySelectorAll(".modebar-btn")) {
    button.setAttribute("role", "button");
    if (button.dataset.title) button.setAttribute("aria-label", button.dataset.title);
  }
}`;
