// Scans: the verdict with colour, sign, sentence and sound, and what it changes on the lines at once; the page as the agent
// knows it follows.
"use strict";

const picking = "picking" in words;

// `ours`: this page sent the scan itself; what the stream says of a page's scan is not for another page.
function scanned(told, ours) {
  if (!ours && (told.device === "" || told.device.startsWith("page:"))) return;
  told.said = words.language === "en" ? told.english : told.sentence;
  sound(soundOf(told));
  if (told.order_id && !(picking && told.order_id === words.order)) {
    sessionStorage.setItem("verdict", JSON.stringify(told));
    location.href = `/orders/${told.order_id}/pick`;
    return;
  }
  if ($("#verdict")) showVerdict(told); else say(told.said, !told.good);
  if (told.good && told.line_id !== null) fillSlot(document.getElementById(`line-${told.line_id}`), told.code);
  refresh();
}

const soundOf = (told) => told.good ? "good" : "bad";
const SIGNS = { good: "✓", bad: "✕", stop: "■" };  // each told apart without its colour

function showVerdict(told) {
  drawVerdict(told.good ? "good" : "bad", told.said, told.code);
  if (told.line_id !== null) mark(`line-${told.line_id}`);
}

function drawVerdict(kind, sentence, detail) {
  const box = $("#verdict");
  box.className = kind;
  $(".sign", box).textContent = SIGNS[kind];
  $(".sentence", box).textContent = sentence;
  $(".detail", box).textContent = detail;
}

// ---- the line a scan was about: marked, brought into view, one slot fuller

let touchedLine = null;
function mark(id) {
  touchedLine = id;
  remark();
  document.getElementById(id)?.scrollIntoView({ block: "nearest" });
}

// The page forgets what it drew: if the agent says otherwise, its word replaces this.
function fillSlot(line, code) {
  const slot = line && $(".slot:not(.full)", line), count = line && $(".picked", line);
  if (!slot || !count) return;
  drawn.live = undefined;
  slot.classList.add("full");
  slot.textContent = code.slice(-6);
  const picked = Math.min(Number(line.dataset.picked) + Number(line.dataset.step), Number(line.dataset.wanted));
  line.dataset.picked = picked;
  count.textContent = picked / 1000;
}

function remark() {
  for (const line of all(".pick-line.touched")) line.classList.remove("touched");
  document.getElementById(touchedLine)?.classList.add("touched");
}
document.addEventListener("swapped", remark);

// ---- sending a scan

async function judge(text) {
  try {
    scanned(await post("/api/scan", picking ? { text, order_id: words.order } : { text }), true);
  } catch (error) {
    sound("bad");
    say(error.message, true);
  }
}

// A practice pack on the screen: clicked, it is scanned.
document.addEventListener("click", (event) => {
  const pack = event.target.closest("[data-code]");
  if (pack) judge(pack.dataset.code);
});

$("#type-code")?.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.value.trim()) return;
  judge(event.target.value.trim());
  event.target.value = "";
  event.target.blur();
});

// A verdict that fell on another page, which then came here.
const kept = sessionStorage.getItem("verdict");
if (kept && $("#verdict")) showVerdict(JSON.parse(kept));
sessionStorage.removeItem("verdict");
