// The report's page: draws the charts, follows the theme, the window and the printer.
import { drawn } from "./chart.js";
import { bindSearch, bindStatements } from "./statements.js";
import { firstTheme } from "./theme.js";

const data = JSON.parse(document.querySelector("#report-data").textContent);
const root = document.documentElement;
const places = [...document.querySelectorAll("[data-chart]")].filter((place) => data.charts[place.dataset.chart]);
const charts = places.map((place) => drawn(place, data.charts[place.dataset.chart], data.twins));

function show(theme) {
  root.dataset.theme = theme;
  const toggle = document.querySelector("#theme");
  if (toggle) toggle.textContent = theme === "dark" ? "Light" : "Dark";
  for (const chart of charts) chart.paint(theme);
}

function followTheme() {
  document.querySelector("#theme")?.addEventListener("click", () => show(root.dataset.theme === "dark" ? "light" : "dark"));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", (event) => show(event.matches ? "dark" : "light"));
}

/** Let a drawing shrink with its paper: what was drawn for the width of the window scales from there. */
function scalable(svg) {
  svg.setAttribute("viewBox", `0 0 ${svg.getAttribute("width")} ${svg.getAttribute("height")}`);
}

function followPrinter() {
  let before = root.dataset.theme;
  addEventListener("beforeprint", () => {
    before = root.dataset.theme;
    root.classList.add("printing"); // the width of a page, so that the charts are drawn for it
    show("light");
    document.querySelectorAll(".chart svg").forEach(scalable);
  });
  addEventListener("afterprint", () => {
    root.classList.remove("printing");
    show(before);
  });
}

function followWindow() {
  const observer = new ResizeObserver(() => charts.forEach((chart) => chart.resize()));
  const frame = document.querySelector("main");
  if (frame) observer.observe(frame);
}

show(firstTheme());
followTheme();
followPrinter();
followWindow();
bindStatements(data.statements ?? {});
bindSearch();
root.dataset.ready = "true";
