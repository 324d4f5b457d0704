// What was set aside: its body as it came, on demand.
"use strict";

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-raw]");
  if (!button) return;
  const answer = await fetch(button.dataset.raw);
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok) { say(told.message, true); return; }
  showPaper(button.dataset.title, readable(told.text), null);
});

function readable(text) {
  try { return JSON.stringify(JSON.parse(text), null, 2); } catch { return text; }
}
