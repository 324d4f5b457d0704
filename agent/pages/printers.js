// The printers page: looks for printers, adds one with its test slip, changes one. What is shown of them, and how a test
// slip fares, the page itself says (page.js fetches it again at each change).
"use strict";

const finding = $("#finding"), printerDialog = $("#printer-dialog"), printerForm = $("#printer-form");
const printerSaid = $("#printer-said"), printerSteps = $("#printer-steps");
const printerPath = (name, what) => `/api/printers/${encodeURIComponent(name)}/${what}`;
const inOwnLanguage = (said) => (words.language === "en" ? said.en : said.zh);
const printersShown = () => all("[data-printer]").map((button) => JSON.parse(button.dataset.printer));

function added(parent, tag, text, kind = "") {
  const made = document.createElement(tag);
  made.textContent = text;
  made.className = kind;
  parent.append(made);
  return made;
}

// ---- looking for printers

async function findPrinters(wish, looking) {
  const buttons = all("#find-near, #find-network");
  for (const button of buttons) button.disabled = true;
  $("#found").replaceChildren();
  $("#found-said").className = "quiet";
  $("#found-said").textContent = looking;
  try {
    showFound(await post("/api/printers/find", wish));
  } catch (error) {
    $("#found-said").className = "problem";
    $("#found-said").textContent = error.message;
  }
  for (const button of buttons) button.disabled = false;
}

function showFound(found) {
  $("#found-said").textContent = found.printers.length ? "" : finding.dataset.none;
  for (const printer of found.printers) showFoundPrinter(printer);
  for (const advice of found.advice) added($("#found"), "li", inOwnLanguage(advice), "quiet");
  $("#found button")?.focus();
}

function showFoundPrinter(printer) {
  const said = finding.dataset, ways = JSON.parse(said.ways), item = added($("#found"), "li", "", "found");
  const about = added(item, "div", "");
  added(about, "b", printer.name);
  if (printer.model && printer.model !== printer.name) added(about, "span", ` ${printer.model}`);
  const how = [printer.address, ...printer.how.map((way) => ways[way])];
  if (printer.answers === false) how.push(said.silent);
  added(about, "div", how.join(" · "), "quiet");
  if (printer.ours) added(about, "div", `${printer.moved ? said.moved : said.ours} ${printer.ours}`);
  if (printer.ours && !printer.moved) return;
  const button = added(item, "button", printer.moved ? said.move : said.add, printer.moved ? "" : "main");
  button.type = "button";
  button.addEventListener("click", () => (printer.moved ? movePrinter(printer) : addPrinter(printer.address)));
}

async function movePrinter(printer) {
  try {
    await post(printerPath(printer.ours, "change"), { changes: { address: printer.address } });
    $("#found").replaceChildren();
  } catch (error) {
    say(error.message, true);
  }
  refresh();
}

$("#find-near")?.addEventListener("click", () => findPrinters({}, finding.dataset.looking));
$("#find-network")?.addEventListener("click", () => {
  const networks = $("#find-networks").value.split(/[,，;；\s]+/).filter(Boolean);
  findPrinters({ network: true, networks }, finding.dataset.lookingNetwork);
});
$("#add-by-address")?.addEventListener("submit", (event) => {
  event.preventDefault();
  addPrinter($("#new-address").value.trim());
});

// ---- the dialog: `printerNow` is the printer as agent.toml has it, null until it is added

let printerNow = null, printerAnyway, testSlip = "";

function openPrinter(title, printer) {
  printerNow = printer;
  testSlip = "";
  $("#printer-title").textContent = title;
  printerSteps.replaceChildren();
  printerForm.reset();
  tellOfPrinter("");
  offerForm(printer !== null);
  if (!printerDialog.open) printerDialog.showModal();
}

function offerForm(offered) {
  for (const part of [printerForm, $("#printer-save"), $("#printer-test")]) part.hidden = !offered;
  $("#printer-anyway").hidden = true;
}

function tellOfPrinter(text, bad = false) {
  printerSaid.textContent = text;
  printerSaid.className = bad ? "problem" : "quiet";
}

// Nobody answers there now: a person may know better.
function offerAnyway(error, label, again) {
  tellOfPrinter(error.message, true);
  $("#printer-anyway").hidden = error.code !== "not_reached";
  $("#printer-anyway").textContent = label;
  printerAnyway = again;
}
$("#printer-anyway").addEventListener("click", () => printerAnyway());
$("#printer-close").addEventListener("click", () => printerDialog.close());

// ---- adding: until its test slip was looked at, a new printer takes no other slip

function nameForNew() {
  const taken = printersShown().map((printer) => printer.name);
  const usual = printerDialog.dataset.names.split("|");
  const numbered = Array.from({ length: 99 }, (_, place) => `${usual[0]} ${place + 2}`);
  return [...usual, ...numbered].find((name) => !taken.includes(name));
}

async function addPrinter(address, anyway = false) {
  openPrinter(printerDialog.dataset.adding, null);
  added(printerSteps, "li", `${printerDialog.dataset.reaching} ${address}`);
  const printer = { name: nameForNew(), address, prints: ["test"] };
  try {
    const heard = await post("/api/printers", { ...printer, anyway });
    await refresh();
    showPrinter({ ...printer, address: heard.address, paper: 80, use: "shared", font: "gbk", qr: "native" }, true);
    added(printerSteps, "li", "", "step-state");
    if (heard.reachable) await printTest();
  } catch (error) {
    offerAnyway(error, printerDialog.dataset.anywayAdd, () => addPrinter(address, true));
  }
}

async function printTest() {
  tellOfPrinter("");
  try {
    testSlip = (await post(printerPath(printerNow.name, "test"))).slip_id;
    if (!$(".step-test", printerSteps)) added(printerSteps, "li", "", "step-test");
    refresh();
  } catch (error) {
    tellOfPrinter(error.message, true);
  }
}
$("#printer-test").addEventListener("click", printTest);

// What the page says of the new printer and of its test slip, in the dialog's steps.
function followSteps() {
  if (!printerDialog.open || !printerNow) return;
  const state = $(".step-state", printerSteps), test = $(".step-test", printerSteps);
  const panel = document.getElementById(`printer-${printerNow.name}`), slip = document.getElementById(`slip-${testSlip}`);
  if (state && panel) state.textContent = `${printerDialog.dataset.reached}${$(".state", panel).textContent}`;
  if (test && slip) {
    const said = all(".slip-state, .todo", slip).map((part) => part.textContent.trim());
    test.textContent = `${printerDialog.dataset.test}${said.join("。")}`;
  }
}
setInterval(followSteps, 300);

// ---- the form: what the test slip answers, and which slips go there

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-printer]");
  if (!button) return;
  const printer = JSON.parse(button.dataset.printer), unfinished = String(printer.prints) === "test";
  openPrinter(unfinished ? printerDialog.dataset.adding : printerDialog.dataset.changing, printer);
  showPrinter(printer, unfinished);
});

// Of a new printer nobody knows yet what its test slip looks like: nothing is chosen for the person who looks.
function showPrinter(printer, isNew) {
  printerNow = printer;
  offerForm(true);
  const fields = printerForm.elements, others = printersShown().filter((other) => other.name !== printer.name);
  $("[name=backup]", printerForm).replaceChildren(
    $("[name=backup] [value='']", printerForm), ...others.map((other) => new Option(other.name, other.name)));
  fields.name.value = printer.name;
  fields.address.value = printer.address;
  fields.use.value = printer.use;
  fields.backup.value = printer.backup ?? "";
  for (const box of all("[name=prints]", printerForm)) box.checked = printer.prints.includes(box.value);
  fields.width.value = isNew ? "" : String(printer.columns ?? (printer.paper === 58 ? 32 : 48));
  fields.font.value = isNew ? "" : printer.font;
  fields.qr.value = isNew ? "" : printer.qr;
  (isNew ? $("[name=width]", printerForm) : fields.name).focus();
}

// As agent.toml has it; what is usual is taken out of it (null).
function printerWanted() {
  const fields = printerForm.elements, width = Number(fields.width.value);
  const prints = all("[name=prints]:checked", printerForm).map((box) => box.value);
  return {
    name: fields.name.value.trim(),
    address: fields.address.value.trim(),
    paper: Number($(`[name=width][value="${width}"]`, printerForm).dataset.paper),
    columns: width === 42 ? 42 : null,
    use: fields.use.value === "shared" ? null : fields.use.value,
    prints: prints.length ? prints : null,
    backup: fields.backup.value || null,
    font: fields.font.value === "gbk" ? null : fields.font.value,
    qr: fields.qr.value === "native" ? null : fields.qr.value,
  };
}

const PRINTER_USUAL = { columns: null, use: "shared", prints: [], backup: null, font: "gbk", qr: "native" };

async function savePrinter(anyway = false) {
  const now = { ...PRINTER_USUAL, ...printerNow }, changes = {};
  for (const [key, value] of Object.entries(printerWanted())) {
    if (JSON.stringify(value ?? PRINTER_USUAL[key]) !== JSON.stringify(now[key])) changes[key] = value;
  }
  try {
    if (Object.keys(changes).length) await post(printerPath(printerNow.name, "change"), { changes, anyway });
    printerDialog.close();
    await refresh();
    document.getElementById(`change-${changes.name ?? printerNow.name}`)?.focus();
  } catch (error) {
    offerAnyway(error, printerDialog.dataset.anywaySave, () => savePrinter(true));
  }
}
printerForm.addEventListener("submit", (event) => {
  event.preventDefault();
  savePrinter();
});
