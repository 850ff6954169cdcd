// Light and dark: which one is on, and what it means for a chart.
import { registerTheme } from "./echarts.js";

const INK = {
  light: { text: "#3d444d", faint: "#6b7480", line: "#c9ced6", grid: "#e8ebef", paper: "#ffffff" },
  dark: { text: "#c5ccd6", faint: "#98a2af", line: "#47505c", grid: "#2a313a", paper: "#12161b" },
};
const FONT = '-apple-system, "Segoe UI", "Helvetica Neue", "Liberation Sans", Arial, system-ui, sans-serif';

for (const [name, ink] of Object.entries(INK)) {
  const axis = {
    axisLine: { lineStyle: { color: ink.line } },
    axisTick: { lineStyle: { color: ink.line } },
    axisLabel: { color: ink.faint, fontSize: 11 },
    nameTextStyle: { color: ink.faint, fontSize: 11 },
    splitLine: { lineStyle: { color: ink.grid } },
    minorSplitLine: { lineStyle: { color: ink.grid } },
  };
  registerTheme(name, {
    backgroundColor: "transparent",
    textStyle: { fontFamily: FONT, color: ink.text },
    categoryAxis: axis,
    valueAxis: axis,
    logAxis: axis,
    timeAxis: axis,
    legend: { textStyle: { color: ink.text } },
    graph: { label: { color: ink.text, textBorderColor: ink.paper, textBorderWidth: 3 } },
    tooltip: {
      backgroundColor: ink.paper,
      borderColor: ink.line,
      textStyle: { color: ink.text, fontSize: 12, fontFamily: FONT },
    },
  });
}

/** The theme asked for by the address (`?theme=dark`), by an earlier choice, or by the system. */
export function firstTheme() {
  const asked = new URLSearchParams(location.search).get("theme");
  if (asked === "dark" || asked === "light") return asked;
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

/** A copy of `value` with every colour of the light palette changed into its dark twin. */
export function recolour(value, twins) {
  if (typeof value === "string") return Object.hasOwn(twins, value) ? twins[value] : value;
  if (Array.isArray(value)) return value.map((each) => recolour(each, twins));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, recolour(each, twins)]));
}
