// Everything can be read without this script; it adds the slider, the cursor in charts and the copy button.
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const SVG = "http://www.w3.org/2000/svg";

for (const part of all(".controls")) part.hidden = false;

function setMode(viewer, mode) {
  viewer.dataset.mode = mode;
}

function setMuch(viewer, percent) {
  viewer.querySelector(".stage").style.setProperty("--much", `${percent}%`);
  const range = viewer.querySelector(".much input");
  range.value = percent;
  range.setAttribute("aria-valuetext", `${percent} %`);
}

function startViewer(viewer) {
  const stage = viewer.querySelector(".stage");
  const range = viewer.querySelector(".much input");
  if (!range) return;
  for (const radio of all("input[type=radio]", viewer)) {
    radio.addEventListener("change", () => radio.checked && setMode(viewer, radio.value));
  }
  range.addEventListener("input", () => setMuch(viewer, range.value));
  setMuch(viewer, range.value);
  viewer.querySelector("[data-outlines]").addEventListener("change", (event) => {
    viewer.classList.toggle("bare", !event.target.checked);
  });
  const follow = (event) => {
    const box = stage.querySelector(".picture").getBoundingClientRect();
    const share = Math.min(Math.max((event.clientX - box.left) / box.width, 0), 1);
    // The later picture lies to the right of the pointer.
    setMuch(viewer, Math.round(100 * (1 - share)));
  };
  stage.addEventListener("pointerdown", (event) => {
    if (viewer.dataset.mode !== "slide" || event.target.closest("figcaption")) return;
    stage.setPointerCapture(event.pointerId);
    event.preventDefault();
    follow(event);
  });
  stage.addEventListener("pointermove", (event) => {
    if (viewer.dataset.mode === "slide" && stage.hasPointerCapture(event.pointerId)) follow(event);
  });
}

function choose(viewer, item) {
  const strip = item.parentElement;
  const after = viewer.querySelector(".after");
  if (!after) return;
  const drawing = item.querySelector(".picture");
  const shown = after.querySelector(".picture");
  shown.setAttribute("aria-label", drawing.getAttribute("aria-label"));
  shown.setAttribute("viewBox", drawing.getAttribute("viewBox"));
  shown.querySelector("use").setAttribute("href", `#${item.dataset.key}`);
  const title = document.createElement("b");
  title.textContent = `${strip.dataset.chosen}: ${item.dataset.day}`;
  const rest = item.querySelector("[data-rest]").cloneNode(true);
  after.querySelector("figcaption").replaceChildren(title, rest);
  for (const button of all("button", strip)) {
    button.setAttribute("aria-pressed", String(button.closest("li") === item));
  }
}

function startStrip(viewer) {
  const strip = viewer.querySelector(".strip");
  if (!strip) return;
  const current = viewer.querySelector(".after use");
  for (const item of all("li", strip)) {
    const drawing = item.querySelector(".picture");
    const button = document.createElement("button");
    button.type = "button";
    button.setAttribute("aria-label", strip.dataset.pick.replace("%(date)s", item.dataset.day));
    button.setAttribute("aria-pressed", String(current && current.getAttribute("href") === `#${item.dataset.key}`));
    drawing.replaceWith(button);
    button.append(drawing);
    button.addEventListener("click", () => choose(viewer, item));
  }
}

function startTimeline(figure) {
  const chart = figure.querySelector("svg");
  const range = figure.querySelector("input[data-days]");
  const readout = figure.querySelector(".readout");
  const viewer = figure.parentElement.querySelector(".viewer");
  const days = chart.dataset.days.split(" ").map((part) => {
    const [day, x] = part.split("=");
    return { day, x: Number(x) };
  });
  const box = chart.viewBox.baseVal;
  const cursor = document.createElementNS(SVG, "path");
  cursor.setAttribute("class", "cursor off");
  chart.append(cursor);
  range.max = days.length - 1;
  range.value = days.length - 1;
  range.setAttribute("aria-valuetext", days[days.length - 1].day);

  const show = (index) => {
    const { day, x } = days[index];
    range.value = index;
    range.setAttribute("aria-valuetext", day);
    cursor.setAttribute("d", `M${x},6V${box.height - 34}`);
    cursor.classList.remove("off");
    const told = all(`[data-day="${day}"]`, chart).filter((one) => !one.closest(".off"));
    const text = told.map((one) => one.dataset.told).join("\n");
    if (readout.textContent !== text) readout.textContent = text;
  };
  const nearest = (event) => {
    const frame = chart.getBoundingClientRect();
    const x = ((event.clientX - frame.left) / frame.width) * box.width;
    const gaps = days.map((one) => Math.abs(one.x - x));
    return gaps.indexOf(Math.min(...gaps));
  };
  range.addEventListener("input", () => show(Number(range.value)));
  range.addEventListener("focus", () => show(Number(range.value)));
  chart.addEventListener("pointermove", (event) => show(nearest(event)));
  chart.addEventListener("click", (event) => {
    const index = nearest(event);
    show(index);
    const item = viewer && viewer.querySelector(`.strip li[data-day="${days[index].day}"]`);
    if (item) choose(viewer, item);
  });

  const toggles = figure.querySelector("[data-lines]");
  if (!toggles) return;
  for (const line of all("g[data-name]", chart)) {
    const label = document.createElement("label");
    const box_ = document.createElement("input");
    const name = document.createElement("bdi");
    box_.type = "checkbox";
    box_.checked = true;
    name.textContent = line.dataset.name.length > 40 ? `${line.dataset.name.slice(0, 39)}…` : line.dataset.name;
    label.append(box_, " ", name);
    toggles.append(label);
    box_.addEventListener("change", () => {
      for (const part of all(`[data-line="${line.dataset.line}"]`, chart)) {
        part.classList.toggle("off", !box_.checked);
      }
      if (!cursor.classList.contains("off")) show(Number(range.value));
    });
  }
}

function startCopying(button) {
  const source = document.querySelector("[data-copy]");
  const said = button.parentElement.querySelector("[role=status]");
  button.addEventListener("click", async () => {
    const text = source.innerText;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const range = document.createRange();
      range.selectNodeContents(source);
      getSelection().removeAllRanges();
      getSelection().addRange(range);
      document.execCommand("copy");
    }
    said.textContent = button.dataset.done;
  });
}

for (const viewer of all(".viewer")) {
  startViewer(viewer);
  startStrip(viewer);
}
for (const figure of all("figure.timeline")) startTimeline(figure);
for (const button of all("[data-copies]")) startCopying(button);
// A printed page has nothing to unfold.
addEventListener("beforeprint", () => {
  for (const part of all("details:not([open])")) {
    part.open = true;
    part.dataset.unfolded = "";
  }
});
addEventListener("afterprint", () => {
  for (const part of all("details[data-unfolded]")) {
    part.open = false;
    delete part.dataset.unfolded;
  }
});
