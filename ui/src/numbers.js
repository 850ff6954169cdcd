// Numbers as the report writes them: three significant digits, thousands apart, unit behind.

/** `value` with three significant digits: 1234.5 -> "1,230", 0.01234 -> "0.0123". */
export function three(value) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "n/a";
  const rounded = Number(value.toPrecision(3));
  if (rounded !== 0 && (Math.abs(rounded) < 1e-4 || Math.abs(rounded) >= 1e9)) return rounded.toExponential(2);
  return rounded.toLocaleString("en-US", { maximumFractionDigits: 8 });
}

/** `value` with its unit; a unit that starts with "$" lends its sign to the front. */
export function say(value, unit) {
  if (!unit) return three(value);
  if (!unit.startsWith("$")) return `${three(value)} ${unit}`;
  const sign = value < 0 ? "\u2212" : "";
  const rest = unit.slice(1);
  const gap = rest && !rest.startsWith("/") ? " " : "";
  return `${sign}$${three(Math.abs(value))}${gap}${rest}`;
}
