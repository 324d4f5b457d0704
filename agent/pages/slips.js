// How slips look: one kind at a time, drawn as it would print while somebody changes it. Nothing is kept before it is saved.
"use strict";

const look = document.getElementById("look");
const at = (name) => document.getElementById(`look-${name}`);
const MAY_BE_DISCREET = ["picking", "customer"], WITHOUT_NUMBER = ["shift"];
let now, templates, kind;

async function load() {
  now = await (await fetch("/api/slip-templates")).json();
  templates = structuredClone(now.templates);
  const source = at("source").dataset;
  at("source").textContent = source[now.source || "nobody"];
  at("save").disabled = at("reset").disabled = !now.decided_here;
  showKind(at("kind").value);
}

// ---- the form shows one kind

function showKind(chosen) {
  kind = chosen;
  const shown = templates[chosen], may = now.fields[kind];
  for (const name of ["header", "footer", "number_size", "line_size"]) at(name).value = shown[name];
  for (const name of ["logo", "discreet"]) at(name).checked = shown[name];
  at("automatic").checked = templates.automatic.includes(kind);
  for (const box of all("[data-look-field]", look)) {
    box.checked = !shown.without.includes(box.dataset.lookField);
    box.parentElement.hidden = !may.includes(box.dataset.lookField);
  }
  for (const label of all("[data-of=automatic]", look)) label.hidden = !now.automatic.includes(kind);
  for (const label of all("[data-of=discreet]", look)) label.hidden = !MAY_BE_DISCREET.includes(kind);
  for (const label of all("[data-of=number], [data-of=lines]", look)) label.hidden = WITHOUT_NUMBER.includes(kind);
  draw();
}

function readKind() {
  const without = all("[data-look-field]", look)
    .filter((box) => !box.checked && now.fields[kind].includes(box.dataset.lookField))
    .map((box) => box.dataset.lookField);
  templates[kind] = {
    header: at("header").value, footer: at("footer").value, without,
    number_size: Number(at("number_size").value), line_size: Number(at("line_size").value),
    logo: at("logo").checked, discreet: at("discreet").checked,
  };
  const others = templates.automatic.filter((one) => one !== kind);
  templates.automatic = at("automatic").checked && now.automatic.includes(kind) ? [...others, kind] : others;
}

// ---- the preview follows; an older answer never replaces a newer one

let waiting, asked = 0;
function drawSoon() {
  clearTimeout(waiting);
  waiting = setTimeout(draw, 250);
}

async function draw() {
  const mine = ++asked;
  const wanted = { kind, templates, paper: Number(at("paper").value), order_id: at("order").value };
  try {
    const tried = await post("/api/slip-templates/preview", wanted);
    if (mine !== asked) return;
    at("text").textContent = tried.text;
    at("picture").src = `data:image/png;base64,${tried.picture}`;
    at("picture").hidden = false;
    problem("");
  } catch (error) {
    if (mine === asked) problem(error.message);
  }
}

function problem(text) {
  at("problem").textContent = text;
  at("problem").hidden = !text;
}

function sayOfLook(text, bad = false) {
  at("said").textContent = text;
  at("said").className = bad ? "problem" : "quiet";
}

// ---- what a person does

look.addEventListener("input", (event) => {
  if (event.target === at("kind") || event.target === at("logo-file")) return;
  readKind();
  sayOfLook("");
  drawSoon();
});
at("kind").addEventListener("change", () => showKind(at("kind").value));
for (const name of ["order", "paper"]) at(name).addEventListener("change", draw);

at("logo-file").addEventListener("change", async () => {
  const [file] = at("logo-file").files;
  if (!file) return;
  const bytes = new Uint8Array(await file.arrayBuffer());
  templates.logo = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  at("logo").checked = true;
  readKind();
  draw();
});

look.addEventListener("submit", async (event) => {
  event.preventDefault();
  await keep(templates, look.dataset.saved);
});
at("reset").addEventListener("click", () => keep(null, look.dataset.asCome));

async function keep(wanted, said) {
  try {
    await post("/api/slip-templates", { templates: wanted });
    await load();
    sayOfLook(said);
  } catch (error) {
    sayOfLook(error.message, true);
  }
}

at("copy").addEventListener("click", async () => {
  const text = JSON.stringify(templates, null, 2);
  try {
    await navigator.clipboard.writeText(text);
    sayOfLook(look.dataset.copied);
  } catch (error) {  // this browser lets no page write there: shown, to be copied by hand
    showPaper("", text);
  }
});

// ---- real orders to try it on

async function offerOrders() {
  const { cards } = await (await fetch("/api/board")).json();
  for (const card of cards) {
    const name = card.day_number ? `#${card.day_number}` : `…${card.shown_id.slice(-4)}`;
    at("order").add(new Option(`${card.channel_name} ${name}`, card.order_id));
  }
}

load();
offerOrders();
