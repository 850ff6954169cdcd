// Tooltips as DOM nodes: names from the scenario only ever become text, never markup.
import { say } from "./numbers.js";

const MONTH = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });

function node(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function row(colour, name, text) {
  const line = node("div", "tip-row");
  const mark = node("span", "tip-mark");
  mark.style.background = colour;
  line.append(mark, node("span", "tip-name", name), node("span", "tip-value", text));
  return line;
}

function heading(params) {
  const at = params.axisValue;
  return typeof at === "number" ? MONTH.format(new Date(at)) : String(at ?? params.name);
}

function number(params) {
  const value = params.value;
  return Array.isArray(value) ? value[params.encode.y?.[0] ?? params.encode.x[0]] : value;
}

/** The bands that cover the time `at`: what held sites and chips back then. */
function bandsAt(series, at) {
  const marks = series.filter((each) => each.band).flatMap(({ color, markArea }) => markArea.data.map((ends) => ({ color, ends })));
  const covering = marks.filter(({ ends: [from, to] }) => Date.parse(from.xAxis) <= at && at < Date.parse(to.xAxis));
  return covering.map(({ color, ends: [from] }) => ({ name: from.name, colour: color }));
}

/** The tooltip of an axis: one row for each series, largest first where they are stacked. */
function axisTip(params, series) {
  const box = node("div", "tip");
  box.append(node("div", "tip-head", heading(params[0])));
  const rows = params
    .map((each) => ({ each, value: number(each), of: series[each.seriesIndex] ?? {} }))
    .filter(({ value }) => value !== null && value !== undefined && !Number.isNaN(value));
  const stacked = rows.some(({ of }) => of.stack);
  if (stacked) rows.sort((a, b) => b.value - a.value);
  const shown = stacked ? rows.filter(({ value }) => value > 0) : rows;
  for (const { each, value, of } of shown) box.append(row(of.color ?? each.color, each.seriesName, say(value, of.unit)));
  for (const { name, colour } of bandsAt(series, params[0].axisValue)) box.append(row(colour, name, ""));
  if (stacked && shown.length > 1) {
    const total = shown.filter(({ of }) => of.stack).reduce((sum, { value }) => sum + value, 0);
    const line = row("transparent", "Total", say(total, shown[0].of.unit));
    line.classList.add("tip-total");
    box.append(line);
  }
  return box;
}

/** The tooltip of one thing: a node or edge of a network, a band, a bar. */
function itemTip(params, series) {
  const box = node("div", "tip");
  const unit = series[params.seriesIndex]?.unit;
  if (params.dataType === "edge") {
    box.append(node("div", "tip-head", `${params.data.source} \u2192 ${params.data.target}`));
    box.append(row(params.data.lineStyle?.color ?? params.color, "Paid", say(params.data.value, unit)));
    for (const [name, value] of params.data.parts ?? []) box.append(row("transparent", name, say(value, unit)));
  } else if (params.dataType === "node") {
    box.append(node("div", "tip-head", params.data.name));
    box.append(row(params.color, "Receives", say(params.data.received, unit)));
    box.append(row("transparent", "Pays", say(params.data.paid, unit)));
  } else {
    box.append(node("div", "tip-head", params.data?.name ?? params.name ?? params.seriesName));
    const value = params.componentType === "markArea" ? undefined : number(params);
    if (params.data?.text) box.append(node("div", "", params.data.text));
    else if (typeof value === "number") box.append(row(params.color, params.seriesName, say(value, unit)));
  }
  return box;
}

/** A formatter for the tooltips of a chart drawn from `series`. */
export function tooltipOf(series) {
  return (params) => (Array.isArray(params) ? axisTip(params, series) : itemTip(params, series));
}
