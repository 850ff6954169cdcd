// Choices, tips and saving for pictures of deals. Frames are SVG in <template>s; `deals-data` says which choice shows which.
(() => {
  "use strict";
  const data = JSON.parse(document.getElementById("deals-data").textContent);
  const root = document.documentElement, picture = document.getElementById("picture");
  const controls = document.getElementById("controls"), tip = document.getElementById("tip");
  const frames = new Map([...document.querySelectorAll("template[data-frame]")].map(t => [t.dataset.frame, t.content]));
  const first = document.createDocumentFragment();
  first.append(...[...picture.childNodes].map(node => node.cloneNode(true)));
  frames.set(data.first, first);
  const axes = [...controls.querySelectorAll("[data-axis]")];
  const places = () => Object.fromEntries(axes.map(each => [each.dataset.axis, each.type === "range" ? +each.value : each.selectedIndex]));
  const values = () => Object.entries(data.axes).map(([axis, known]) => known[places()[axis] ?? 0]);

  const say = () => axes.forEach(each => {
    const out = controls.querySelector(`output[for="${each.id}"]`);
    if (out) out.textContent = values()[+each.dataset.axis];
  });

  function show() {
    const key = values().join("|"), found = frames.get(data.same[key] ?? key);
    if (found) {
      picture.replaceChildren(found.cloneNode(true));
      picture.querySelectorAll("title").forEach(title => {
        const group = title.parentNode;
        group.setAttribute("aria-label", title.textContent);
        if (group.classList.contains("node")) group.setAttribute("tabindex", "0");
        title.remove();
      });
    }
    say();
    filter();
  }

  function filter() {
    const chosen = name => new Set([...controls.querySelectorAll(`[data-filter="${name}"]:checked`)].map(box => box.value));
    const known = name => new Set([...controls.querySelectorAll(`[data-filter="${name}"]`)].map(box => box.value));
    for (const name of ["kinds", "status"]) {
      const [some, all] = [chosen(name), known(name)];
      picture.querySelectorAll(`[data-${name}]`).forEach(mark => {
        const own = mark.dataset[name].split(" ").filter(each => all.has(each));
        mark.classList.toggle(`off-${name}`, own.length > 0 && !own.some(each => some.has(each)));
        mark.classList.toggle("off", mark.classList.contains("off-kinds") || mark.classList.contains("off-status"));
      });
    }
  }

  function point(event) {
    const group = event.target.closest?.("g[aria-label]"), svg = picture.querySelector("svg");
    svg?.classList.remove("pointed");
    picture.querySelectorAll(".on").forEach(mark => mark.classList.remove("on"));
    if (!group) { tip.hidden = true; return; }
    tip.replaceChildren(...group.getAttribute("aria-label").split("\n").map(line => {
      const row = document.createElement("p");
      row.textContent = line;
      row.classList.toggle("more", line.startsWith("\u2022"));
      return row;
    }));
    tip.hidden = false;
    const x = event.clientX + 14, y = event.clientY + 14, box = tip.getBoundingClientRect();
    tip.style.left = `${Math.max(4, Math.min(x, innerWidth - box.width - 8))}px`;
    tip.style.top = `${y + box.height > innerHeight - 4 ? Math.max(4, event.clientY - box.height - 12) : y}px`;
    const { loop, node } = group.dataset;
    const own = node !== undefined ? picture.querySelectorAll(`.item[data-ends~="${node}"]`)
      : loop !== undefined && +loop >= 0 ? picture.querySelectorAll(`.item[data-loop="${loop}"]`)
      : group.classList.contains("item") ? [group] : [];
    own.forEach(mark => mark.classList.add("on"));
    svg.classList.toggle("pointed", own.length > 0);
  }

  function save() {
    const svg = picture.querySelector("svg").cloneNode(true);
    svg.querySelectorAll("g[aria-label]").forEach(group => {
      const title = document.createElementNS("http://www.w3.org/2000/svg", "title");
      title.textContent = group.getAttribute("aria-label");
      group.prepend(title);
      group.removeAttribute("aria-label");
      group.removeAttribute("tabindex");
    });
    svg.querySelectorAll(".off").forEach(mark => mark.remove());
    svg.classList.remove("pointed");
    const style = document.createElementNS("http://www.w3.org/2000/svg", "style");
    style.textContent = data.style;
    svg.prepend(style);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([new XMLSerializer().serializeToString(svg)], { type: "image/svg+xml" }));
    link.download = `${[data.name, ...values()].join("-").replace(/\W+/g, "-").toLowerCase()}.svg`;
    link.click();
    URL.revokeObjectURL(link.href);
  }

  function paint(theme) {
    root.dataset.theme = theme;
    document.getElementById("theme").textContent = theme === "dark" ? "Light" : "Dark";
  }

  let playing = 0;
  function play(button) {
    const slider = controls.querySelector('input[type="range"]');
    clearInterval(playing);
    if (button.getAttribute("aria-pressed") === "true") {
      button.setAttribute("aria-pressed", "false");
      button.textContent = "Play";
      return;
    }
    button.setAttribute("aria-pressed", "true");
    button.textContent = "Stop";
    if (slider.value === slider.max) slider.value = slider.min;
    show();
    playing = setInterval(() => {
      slider.value = +slider.value + 1;
      show();
      if (slider.value === slider.max) play(button);
    }, 1100);
  }

  controls.addEventListener("input", event => event.target.dataset.axis === undefined ? filter() : show());
  controls.addEventListener("submit", event => event.preventDefault());
  controls.querySelector("#play")?.addEventListener("click", event => play(event.target));
  picture.addEventListener("pointermove", point);
  picture.addEventListener("focusin", event => {
    const box = event.target.getBoundingClientRect();
    point({ target: event.target, clientX: box.right, clientY: box.bottom });
  });
  picture.addEventListener("focusout", () => point({ target: document.body }));
  picture.addEventListener("pointerleave", () => point({ target: document.body }));
  document.getElementById("save").addEventListener("click", save);
  document.getElementById("theme").addEventListener("click", () => paint(root.dataset.theme === "dark" ? "light" : "dark"));
  let before = "";
  addEventListener("beforeprint", () => { before = root.dataset.theme; paint("light"); });
  addEventListener("afterprint", () => paint(before));
  const asked = new URLSearchParams(location.search).get("theme");
  paint(asked === "dark" || asked === "light" ? asked : matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  show();
})();
