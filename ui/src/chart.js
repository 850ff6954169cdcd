// One chart of the page: the option made in Python, dressed for the theme, with legend and selector.
import { init } from "./echarts.js";
import { recolour } from "./theme.js";
import { tooltipOf } from "./tooltip.js";

const list = (value) => (Array.isArray(value) ? value : value ? [value] : []);

/** Lay `over` upon `base` as ECharts does: objects merge, lists merge by place, data replace. */
function merged(base, over) {
  if (Array.isArray(base) && Array.isArray(over) && over.every((each) => each && typeof each === "object")) {
    return over.map((each, place) => (base[place] ? merged(base[place], each) : each));
  }
  if (!base || !over || typeof base !== "object" || typeof over !== "object" || Array.isArray(over)) return over;
  const result = { ...base };
  for (const [key, value] of Object.entries(over)) {
    result[key] = key in base && key !== "data" && key !== "links" ? merged(base[key], value) : value;
  }
  return result;
}

/** The option of step `step`: charts with a selector hold `baseOption` and `options`. */
function optionAt(spec, step) {
  return spec.options ? merged(spec.baseOption, spec.options[step] ?? {}) : spec;
}

/** ECharts' own legend and timeline give way to the page's, which wrap and can be tabbed to. */
function dressed(option) {
  const series = list(option.series);
  const grids = list(option.grid).map((grid) => (grid.legendRoom ? { ...grid, bottom: grid.bottom - grid.legendRoom } : grid));
  const result = {
    ...option,
    tooltip: { confine: true, ...option.tooltip, formatter: tooltipOf(series) },
    legend: { ...option.legend, show: false },
  };
  delete result.timeline;
  if (grids.length) result.grid = grids;
  return result;
}

/** A network with its own places, stretched to fill `place` without stretching its circles. */
function fitted(series, place) {
  if (series.type !== "graph") return series;
  const side = (name) => (series.data.length ? series.data.map((node) => node[name]) : [0]);
  const span = (name) => Math.max(...side(name)) - Math.min(...side(name)) || 1;
  const margin = (place.clientWidth * Number.parseFloat(series.left)) / 100;
  const wide = (place.clientWidth - 2 * margin) / span("x");
  const high = (place.clientHeight - series.top - series.bottom) / span("y");
  return { ...series, data: series.data.map((node) => ({ ...node, x: node.x * wide, y: node.y * high })) };
}

function legendEntry(chart, name, series, shared) {
  const kind = series.flatMap((each) => each.categories ?? []).find((each) => each.name === name);
  const of = series.find((each) => each.name === name) ?? { color: kind?.itemStyle.color };
  const button = document.createElement(shared ? "span" : "button");
  const mark = document.createElement("span");
  const dashed = of.lineStyle?.type === "dashed";
  mark.className = of.type === "line" && !of.areaStyle && !of.band ? "key-line" : "key-block";
  mark.style.setProperty("--key", of.color ?? "currentColor");
  if (dashed) mark.classList.add("key-dashed");
  button.append(mark, document.createTextNode(name));
  if (shared) return button;
  button.type = "button";
  button.setAttribute("aria-pressed", "true");
  button.addEventListener("click", () => {
    const on = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(on));
    chart.dispatchAction({ type: on ? "legendSelect" : "legendUnSelect", name });
  });
  return button;
}

function fillLegend(place, chart, option) {
  if (!place) return;
  const entries = list(option.legend?.data);
  const shared = "shared" in place.dataset;
  place.replaceChildren(...entries.map((name) => legendEntry(chart, name, list(option.series), shared)));
}

function fillSelector(place, spec, current, change) {
  if (!place || !spec.timeline && !spec.baseOption?.timeline) return;
  const names = (spec.timeline ?? spec.baseOption.timeline).data;
  place.replaceChildren(...names.map((name, step) => new Option(String(name), String(step), false, step === current)));
  place.onchange = () => change(Number(place.value));
}

/** Draw `spec` into `place`; gives back what the page needs to redraw and resize it. */
export function drawn(place, spec, twins) {
  const figure = place.closest("figure") ?? place.parentElement;
  const legend = figure.querySelector(`.legend[data-for="${CSS.escape(place.dataset.chart)}"]`);
  const selector = figure.querySelector(`select[data-for="${CSS.escape(place.dataset.chart)}"]`);
  let step = (spec.timeline ?? spec.baseOption?.timeline)?.currentIndex ?? 0;
  let chart;
  let painted;
  const paint = (theme) => {
    painted = theme;
    const option = optionAt(spec, step);
    const shown = dressed(theme === "dark" ? recolour(option, twins) : option);
    chart?.dispose();
    chart = init(place, theme, { renderer: "svg" });
    chart.setOption({ ...shown, series: list(shown.series).map((series) => fitted(series, place)) });
    place.querySelector("svg")?.setAttribute("focusable", "false");
    fillLegend(legend, chart, shown);
    fillSelector(selector, spec, step, (chosen) => {
      step = chosen;
      paint(theme);
    });
  };
  const fixed = list(optionAt(spec, step).series).some((series) => series.type === "graph");
  return { paint, resize: () => (fixed && painted ? paint(painted) : chart?.resize()) };
}
