const list = document.querySelector("#list tbody");
const $ = (id) => document.getElementById(id);
const rows = [...list.rows].map((row, place) => ({
  row, place,
  text: row.textContent.toLowerCase(),
  said: row.dataset.s,
  differs: row.dataset.d === "1",
  trouble: Number(row.dataset.t),
  days: Number(row.dataset.n),
  rise: row.dataset.r === undefined ? -Infinity : Number(row.dataset.r),
  fall: row.dataset.f === undefined ? Infinity : Number(row.dataset.f),
}));
const orders = {
  id: (a, b) => a.place - b.place,
  rise: (a, b) => b.rise - a.rise || a.place - b.place,
  fall: (a, b) => a.fall - b.fall || a.place - b.place,
  days: (a, b) => b.days - a.days || a.place - b.place,
  trouble: (a, b) => b.trouble - a.trouble || a.place - b.place,
};
let chosen = rows;
let page = 0;

function choose() {
  const words = $("find").value.toLowerCase().split(/\s+/).filter(Boolean);
  const stream = $("stream").value;
  const kind = $("kind").value;
  const differs = $("discordant").checked;
  const trouble = $("trouble").checked;
  const part = stream && kind ? ` ${stream}=${kind};` : stream ? ` ${stream}=` : kind ? `=${kind};` : "";
  chosen = rows.filter((one) =>
    words.every((word) => one.text.includes(word)) &&
    (!part || ` ${one.said}`.includes(part)) &&
    (!differs || one.differs) &&
    (!trouble || one.trouble > 0));
  chosen.sort(orders[$("order").value]);
  page = 0;
  show();
}

function show() {
  const many = Number($("many").value) || Math.max(chosen.length, 1);
  const pages = Math.max(1, Math.ceil(chosen.length / many));
  page = Math.min(Math.max(page, 0), pages - 1);
  list.replaceChildren(...chosen.slice(page * many, (page + 1) * many).map((one) => one.row));
  $("found").textContent = `${chosen.length.toLocaleString("en")} of ${rows.length.toLocaleString("en")} patients`;
  $("where").textContent = `Page ${page + 1} of ${pages}`;
  $("back").disabled = page === 0;
  $("on").disabled = page === pages - 1;
  $("pager").hidden = rows.length <= 25;
}

function turn(step) {
  page += step;
  show();
  $("list").scrollIntoView({ block: "nearest" });
}

$("filters").addEventListener("input", choose);
$("filters").addEventListener("submit", (event) => event.preventDefault());
$("filters").addEventListener("reset", () => setTimeout(choose));
$("many").addEventListener("input", () => { page = 0; show(); });
$("back").addEventListener("click", () => turn(-1));
$("on").addEventListener("click", () => turn(1));
// Paper has no pages to turn: it gets all that were chosen.
addEventListener("beforeprint", () => list.replaceChildren(...chosen.map((one) => one.row)));
addEventListener("afterprint", show);
$("filters").hidden = false;
$("found").hidden = false;
choose();
