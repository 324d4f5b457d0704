// Scans: the verdict with colour, sign, sentence and sound, and what it changes on the lines at once; the page as the agent
// knows it follows.
"use strict";

const picking = "picking" in words;

const isPage = (device) => device === "" || device.startsWith("page:");

// A scanner serves the tab used last, as the agent has it too.
const use = () => localStorage.setItem("station", station);
const usedLast = () => [null, station].includes(localStorage.getItem("station"));
use();
for (const touch of ["pointerdown", "keydown", "focus"]) addEventListener(touch, use);
document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") use(); });
addEventListener("pagehide", () => { if (usedLast()) localStorage.removeItem("station"); });

// `ours`: this page sent the scan itself; what the stream says of a page's scan is not for another page.
function scanned(told, ours) {
  const heard = told.scan_id !== null && told.scan_id <= heardOf;  // goods and the set-up sheet have no number
  if (!ours && (isPage(told.device) || heard || !usedLast())) return;
  heardOf = told.scan_id ?? heardOf;
  verdicts += 1;
  told.said = words.language === "en" ? told.english : told.sentence;
  sound(kindOf(told));
  if (told.order_id && !(picking && told.order_id === words.order)) {
    sessionStorage.setItem("verdict", JSON.stringify(told));
    location.href = `/orders/${told.order_id}/pick`;
    return;
  }
  if ($("#verdict")) showVerdict(told); else say(told.said, !told.good);
  if (["taken", "packed"].includes(told.did)) fillSlot(document.getElementById(`line-${told.line_id}`), told.code);
  refresh();
}

const packed = (told) => told.did === "packed" || (told.order_id === words.order && stateOf() === "packed");
const kindOf = (told) => told.ask ? "ask" : !told.good ? "bad" : packed(told) ? "done" : "good";
const SIGNS = { good: "✓", bad: "✕", ask: "?", done: "✓✓", stop: "■", pause: "❚❚" };  // each told apart without its colour

function showVerdict(told) {
  drawVerdict(kindOf(told), told.said, told.code, told);
  if (told.line_id !== null) mark(`line-${told.line_id}`);
}

function drawVerdict(kind, sentence, detail, { warning = "", rule = "ok" } = {}) {
  const box = $("#verdict"), warned = $(".warning", box), named = $(".rule", box);
  box.className = kind;
  $(".sign", box).textContent = SIGNS[kind];
  $(".sentence", box).textContent = sentence;
  $(".detail", box).textContent = detail;
  warned.textContent = warning;
  warned.hidden = !warning;
  named.textContent = rule === "ok" ? "" : `${words.rule} ${rule}`;
}

// ---- the line a scan was about: marked, brought into view, one slot fuller

function mark(id) {
  current = touchedLine = id;
  remark();
  document.getElementById(id)?.scrollIntoView({ block: "nearest" });
}

// The page forgets what it drew: if the agent says otherwise, its word replaces this.
function fillSlot(line, code) {
  const slot = line && $(".slot:not(.full)", line), count = line && $(".picked", line);
  if (!slot || !count || !code) return;
  drawn.live = undefined;
  $("#undo")?.removeAttribute("disabled");
  slot.classList.add("full");
  slot.textContent = code.slice(-6);
  const picked = Math.min(Number(line.dataset.picked) + Number(line.dataset.step), Number(line.dataset.wanted));
  line.dataset.picked = picked;
  count.textContent = picked / 1000;
}

// ---- the line at hand, which F2 and F4 are for: the one scanned last, chosen by arrows or a touch, else the next to do

let touchedLine = null, current = null, heardOf = 0;
function remark() {
  const lines = all(".pick-line"), todo = stateOf() === "picking" ? lines : [];
  const here = todo.find((line) => line.id === current && !line.matches(".whole, .struck"));
  const next = here ?? todo.find((line) => !line.matches(".whole, .struck"));
  for (const line of lines) {
    line.classList.toggle("touched", line.id === touchedLine);
    line.classList.toggle("current", line === next);
  }
}

document.addEventListener("click", (event) => {
  const line = event.target.closest(".pick-line");
  if (line && picking) { current = line.id; remark(); }
});
document.addEventListener("keydown", (event) => {
  if (!picking || !["ArrowDown", "ArrowUp"].includes(event.key) || event.target.matches("input, select, textarea") || $("dialog[open]")) return;
  const lines = all(".pick-line:not(.struck)");
  const at = lines.findIndex((line) => line.matches(".current")) + (event.key === "ArrowDown" ? 1 : -1);
  const line = lines[Math.min(Math.max(at, 0), lines.length - 1)];
  if (!line) return;
  event.preventDefault();
  current = line.id;
  for (const each of lines) each.classList.toggle("current", each === line);
  line.scrollIntoView({ block: "nearest" });
});

// ---- what becomes of the pick without a scan: stopped, paused, complete

const stateOf = () => $("#live [data-pick]")?.dataset.pick;
const KINDS = { stopped: "stop", paused: "pause", packed: "done" };
let pickState = stateOf();
function follow() {
  remark();
  catchUp();
  const before = pickState, now = stateOf();
  pickState = now;
  if (now === before || !KINDS[now] || waitingFor || $("#verdict").className === KINDS[now]) return;
  sound(KINDS[now] === "pause" ? "stop" : KINDS[now]);
  sayState();
}

function sayState() {
  const kind = KINDS[pickState];
  drawVerdict(kind, $("#live [data-pick]").dataset.said, kind === "done" ? words.andThen : "");
}

// A verdict on a scanner's scan that no news brought, as the agent wrote it down. News is given its moment: it says more.
const NEWS_MS = 400;
function catchUp() {
  const last = JSON.parse($("#live [data-pick]").dataset.lastScan);
  if (last?.scan_id > heardOf && !isPage(last.device)) setTimeout(sayMissed, NEWS_MS, last);
}
function sayMissed(last) {
  if (last.scan_id <= heardOf || !usedLast()) return;
  heardOf = last.scan_id;
  sound(kindOf(last));
  showVerdict(last);
}
if (picking) document.addEventListener("swapped", follow);

// ---- sending a scan

let waitingFor = 0;  // answers
async function judge(text, typed = false) {
  if (proves(text) || finds(text)) return;
  const place = $("dialog[open] [data-scans]") ?? $("#live section[data-scans]");
  waitingFor += 1;
  try {
    if (place && !typed && (await counted(text, place))) return;
    scanned(await post("/api/scan", { text, typed, ...(picking && { order_id: words.order }) }), true);
  } catch (error) {
    sound("bad");
    if ($("#verdict") && !$("dialog[open]")) drawVerdict("bad", error.message, text); else say(error.message, true);
  } finally {
    waitingFor -= 1;
  }
}

listenForScans(judge);

// Where data-scans says so, scans are for that list: packs that go back to the shelf, packs that a customer brought back.
// A pack that is not on a page's list is judged as any other; in a dialog it is only refused.
async function counted(text, place) {
  const told = await post(place.dataset.scans, { text }).catch((error) => {
    if (place.closest("dialog")) throw error;
  });
  if (!told) return false;
  const good = told.good ?? true, said = told.sentence ? (words.language === "en" ? told.english : told.sentence) : place.dataset.good;
  sound(good ? "good" : "bad");
  say(said, !good);
  refresh();
  return true;
}

// A list of stock is looked through by scanning.
function finds(text) {
  if (!("finds" in words) || $("dialog[open]")) return false;
  search.value = text;
  search.dispatchEvent(new Event("input"));
  return true;
}

// A badge that is scanned where somebody must prove who they are says so there, and nowhere else.
const BADGE = /^YB[0-9A-Z]{12}$/i;
function proves(text) {
  const here = document.activeElement?.closest?.("[data-form]")?.querySelector("[data-badge]");
  const field = here ?? all("dialog[open] [data-badge]").find((each) => each.closest("[data-form]").checkVisibility());
  if (!field || !BADGE.test(text)) return false;
  field.value = text;
  $("[data-post].main", field.closest("[data-form]")).click();
  return true;
}

// What is clicked is scanned: a practice pack on the screen, a command that lies on a card, too.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-code], [data-scan]");
  if (button && !button.disabled) judge(button.dataset.code ?? button.dataset.scan);
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.matches("[data-scans] input:not([data-field])") || !event.target.value.trim()) return;
  judge(event.target.value.trim());
  event.target.value = "";
});

$("#type-code")?.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.value.trim()) return;
  judge(event.target.value.trim(), true);
  event.target.value = "";
});

// A verdict that fell on another page, which then came here.
const kept = JSON.parse(sessionStorage.getItem("verdict"));
sessionStorage.removeItem("verdict");
if (picking) start();
function start() {
  heardOf = kept?.scan_id ?? JSON.parse($("#live [data-pick]").dataset.lastScan)?.scan_id ?? 0;
  if (kept) showVerdict(kept);
  if (KINDS[pickState] && $("#verdict").className !== KINDS[pickState]) sayState();
  remark();
}
