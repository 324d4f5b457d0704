// The settings page: what was changed, and nothing else, goes to the agent.
"use strict";

const form = document.getElementById("settings");
const fields = all("[data-setting]", form);
const before = new Map(fields.map((field) => [field, read(field)]));

// data-kind says what the agent expects: a number, or a list of texts written with commas; otherwise a text.
function read(field) {
  if (field.dataset.kind === "number") return Number(field.value);
  if (field.dataset.kind === "list") return field.value.split(/[,，;；\s]+/).filter(Boolean);
  return field.value;
}

function changed() {
  const changes = {};
  for (const field of fields) {
    const now = read(field);
    if (JSON.stringify(now) !== JSON.stringify(before.get(field))) changes[field.dataset.setting] = now;
  }
  return changes;
}

function tell(text, bad = false) {
  const box = document.getElementById("saved");
  box.textContent = text;
  box.className = bad ? "problem" : "quiet";
}

// What this browser chose for itself gives way to what is now the store's language.
function followLanguage() {
  document.cookie = "language=; path=/; max-age=0; samesite=strict";
  location.reload();
}

const named = (key) => document.getElementById(`set-${key}`)?.closest("label")?.firstChild.textContent.trim() ?? key;

document.getElementById("save").addEventListener("click", async () => {
  const said = document.getElementById("saved").dataset, changes = changed();
  if (!Object.keys(changes).length) { tell(said.nothing); return; }
  try {
    const done = await post("/api/settings", { changes });
    for (const field of fields) before.set(field, read(field));
    const told = [];
    if (done.at_once.length) told.push(`${said.atOnce}${done.at_once.map(named).join("、")}`);
    if (done.after_start.length) told.push(`${said.afterStart}${done.after_start.map(named).join("、")}`);
    tell(told.join("　"));
    if ("language" in changes) followLanguage();
    else refresh();
  } catch (error) {
    tell(error.message, true);
  }
});
