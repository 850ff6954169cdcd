// Tables of the page that answer to a choice: the company whose statement is shown, the search box.

function cell(tag, text, className) {
  const made = document.createElement(tag);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}

/** Show the statement of the company chosen; the rows come ready for reading from Python. */
export function bindStatements(statements) {
  const chooser = document.querySelector("#statement-company");
  const body = document.querySelector("#statement tbody");
  if (!chooser || !body) return;
  chooser.addEventListener("change", () => {
    const rows = statements[chooser.value] ?? [];
    const caption = document.querySelector("#statement caption");
    if (caption) caption.textContent = `${chooser.value}, $bn`;
    body.replaceChildren(
      ...rows.map(({ name, total, cells }) => {
        const line = document.createElement("tr");
        if (total) line.className = "total";
        const head = cell("th", name);
        head.scope = "row";
        line.append(head, ...cells.map((text) => cell("td", text, "number")));
        return line;
      }),
    );
  });
}

function filterRows(words, group) {
  let hits = 0;
  for (const row of group.querySelectorAll("tbody tr")) {
    const text = row.textContent.toLowerCase();
    const hit = words.every((word) => text.includes(word));
    row.hidden = !hit;
    hits += hit ? 1 : 0;
  }
  group.hidden = hits === 0;
  group.open = words.length > 0 && hits > 0 && hits <= 200;
  return hits;
}

/** Search the assumptions: every word must occur in the row. */
export function bindSearch() {
  const box = document.querySelector("#search");
  const count = document.querySelector("#search-count");
  if (!box || !count) return;
  const groups = [...document.querySelectorAll("#assumptions details")];
  box.addEventListener("input", () => {
    const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
    const hits = groups.map((group) => filterRows(words, group)).reduce((sum, each) => sum + each, 0);
    count.textContent = words.length ? `${hits} found` : "";
  });
}
