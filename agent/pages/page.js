// Shows what the agent says and carries the clerk's clicks to the local API.
"use strict";

const $ = (selector, root = document) => root.querySelector(selector);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const words = document.body.dataset;

// ---- asking and telling the agent; this tab is one station, where one person stands

const station = sessionStorage.getItem("station") ?? `page:${crypto.getRandomValues(new Uint32Array(1))[0].toString(16).padStart(8, "0")}`;
sessionStorage.setItem("station", station);
const STATION = { "X-Yaolink-Station": station };

async function post(url, body) {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json", ...STATION },
    body: JSON.stringify(body ?? {}),
  });
  if (answer.status === 401) location.reload();
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok) throw Object.assign(new Error([told.message, told.hint].filter(Boolean).join(" — ") || String(answer.status)), { code: told.error });
  return told;
}

let messageTimer;
function say(text, bad = false) {
  const box = $("#message"), dialog = $("dialog[open]");
  if (dialog) sayIn(dialog, text, bad);  // which stands above everything else
  box.textContent = text;
  box.className = bad ? "bad" : "";
  box.hidden = Boolean(dialog);
  clearTimeout(messageTimer);
  messageTimer = setTimeout(() => (box.hidden = true), bad ? 8000 : 3000);
}

function sayIn(dialog, text, bad) {
  const said = $(".said", dialog) ?? dialog.appendChild(Object.assign(document.createElement("p"), { className: "said" }));
  said.setAttribute("role", "status");
  said.textContent = text;
  said.classList.toggle("bad", bad);
}

// ---- the page shows what the agent says now: fetched again, swapped in, focus kept

let refreshing = null, refreshAgain = null, verdicts = 0;
// Done when the page shows what was so at the call, or later.
function refresh() {
  if (!refreshing) return (refreshing = fetchPage().finally(() => { refreshing = null; }));
  const soon = () => new Promise((done) => setTimeout(done, 200));
  return (refreshAgain ??= refreshing.then(soon).then(() => { refreshAgain = null; return refresh(); }));
}

async function fetchPage() {
  const before = verdicts;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html", ...STATION } });
    if (answer.status === 401) location.reload();  // the session is over: what comes then says what to do
    if (!answer.ok) throw new Error(String(answer.status));
    const text = await answer.text();
    if (before === verdicts) swap(new DOMParser().parseFromString(text, "text/html"));  // else it is older than what is shown
    lost(false);
  } catch (error) {
    lost(true);
  }
}

// The focus stays at its button; where that is gone, in its panel. A button that is being answered has lost it.
let pressed = null;
const placeOf = (element) => ({ id: element?.id, panel: element?.closest?.("section[id]")?.id });
function refocus(place) {
  if (document.activeElement !== document.body) return;
  const home = document.getElementById(place.id), panel = document.getElementById(place.panel);
  (home ?? (panel && $("button:enabled", panel)))?.focus();
}

// What somebody unfolded, or folded, stays so.
const foldable = (part) => all("details[id]", part);
const foldsIn = (part) => new Map(foldable(part).map((each) => [each.id, each.open]));

const drawn = {};
function swap(fresh) {
  const place = pressed ?? placeOf(document.activeElement);
  const stops = $("[data-stops]", fresh) && !$("#live [data-stops]");
  for (const id of ["status", "people", "people-forms", "announcements", "live", "asked"]) {
    const old = document.getElementById(id), now = fresh.getElementById(id)?.innerHTML;
    if (!old || now === undefined || now === drawn[id] || (busy(old) && !stops)) continue;
    const choosing = all("input[type=file][id]", old);  // a dialog open for one belongs to the element itself
    const folds = foldsIn(old);
    old.innerHTML = drawn[id] = now;
    for (const each of foldable(old)) each.open = folds.get(each.id) ?? each.open;
    for (const field of choosing) document.getElementById(field.id)?.replaceWith(field);
  }
  refocus(place);
  tick();
  if (isHeld()) setTimeout(refresh, 300);
  document.dispatchEvent(new Event("swapped"));
}

// A button that is swapped between press and release never hears its click. Nobody presses for longer than HELD ms, and a
// release that the page never sees must not keep it still.
const HELD = 3000;
let held = 0;
document.addEventListener("pointerdown", () => { held = Date.now(); });
for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, () => { held = 0; });
const isHeld = () => Date.now() - held < HELD;

// A field in which somebody types, one whose neighbours in its form were typed and not yet sent, an open dialog and a
// button that waits for its second press are left in peace, unless picking stops.
function busy(part) {
  if (isHeld()) return true;
  const field = document.activeElement;
  if (part.contains(field) && field.matches("input, select, textarea") && (field.value || unsent(field))) return true;
  return $(".sure, dialog[open]", part);
}
const unsent = (field) => all("input, textarea", field.closest("[data-form]") ?? field).some((each) => each.value !== each.defaultValue);

document.addEventListener("focusout", (event) => { if (event.target.matches("#live input")) setTimeout(refresh, 300); });

function lost(isLost) {
  $("#lost").hidden = !isLost;
}

// ---- times that run

function clock(ms) {
  const seconds = Math.floor(Math.abs(ms) / 1000), hours = Math.floor(seconds / 3600);
  const minutes = String(Math.floor(seconds / 60) % 60).padStart(2, "0"), rest = String(seconds % 60).padStart(2, "0");
  return hours ? `${hours}:${minutes}:${rest}` : `${minutes}:${rest}`;
}
function tick() {
  const now = Date.now();
  for (const span of all("[data-since]")) $("b", span).textContent = clock(now - Number(span.dataset.since));
  for (const span of all("[data-until]")) {
    const left = Number(span.dataset.until) - now;
    span.className = left < 0 ? "late" : left < 300000 ? "soon" : "";
    $("b", span).textContent = (left < 0 ? words.overBy + " " : "") + clock(left);
  }
}
setInterval(tick, 1000);

// ---- clicks: data-post is the path, data-body the JSON; data-sure asks for a second press, in its words; data-then is where to go
// afterwards, data-open goes to the url in the answer

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-post]");
  if (!button || button.disabled) return;
  if ("sure" in button.dataset && !button.classList.contains("sure")) {
    const before = button.innerHTML;
    button.classList.add("sure");
    button.textContent = button.dataset.sure || words.sure;
    setTimeout(() => { button.classList.remove("sure"); button.innerHTML = before; }, 4000);
    return;
  }
  button.classList.remove("sure");
  const body = button.dataset.body ? JSON.parse(button.dataset.body) : {};
  const place = document.activeElement === button ? placeOf(button) : null;
  pressed = place;
  button.disabled = true;
  const form = button.closest("[data-form]") ?? button;
  try {
    if (!("alone" in button.dataset)) for (const field of all("[data-field]", form)) await fill(body, field);
    for (const field of all("[data-secret]", form)) field.value = "";
    const told = await post(button.dataset.post, body);
    button.closest("dialog")?.close();
    const then = "open" in button.dataset ? told.url : button.dataset.then;
    if (then) location.href = then;
  } catch (error) {
    say(error.message, true);
  }
  button.disabled = false;
  if (place) refocus(place);
  pressed = null;
  refresh();
});

// data-alone says the body only. data-field="reason" is said as `reason`, "proof.pin" as `pin` of `proof`; a number counts units, told in
// thousandths, or with data-whole as it is; data-optional says nothing where nothing was typed.
async function fill(body, field) {
  const [name, key] = field.dataset.field.split("."), into = key === undefined ? body : (body[name] ??= {});
  if ((field.type === "radio" && !field.checked) || ("optional" in field.dataset && !field.value)) return;
  into[key ?? name] = field.type === "number" ? Math.round(Number(field.value) * ("whole" in field.dataset ? 1 : 1000))
    : field.type === "checkbox" ? field.checked
    : field.type === "file" ? (field.files[0] ? await photo(field.files[0]) : "")
    : field.value;
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.matches("[data-form] input")) return;
  event.preventDefault();
  const form = event.target.closest("[data-form]");
  $("[data-post].main:enabled", form)?.click();
  if ("leaves" in form.dataset) event.target.blur();  // so that the page may show what became of it
});

// A photo as base64, no larger than what shows a pack well: phones take ten times that.
const LONGEST_EDGE = 1600;
async function photo(file) {
  const taken = await createImageBitmap(file), scale = Math.min(1, LONGEST_EDGE / Math.max(taken.width, taken.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(taken.width * scale);
  canvas.height = Math.round(taken.height * scale);
  canvas.getContext("2d").drawImage(taken, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL("image/jpeg", 0.8).split(",")[1];
}

document.addEventListener("change", (event) => {
  if (event.target.matches("input[type=file]")) $("span", event.target.closest("label")).textContent = `✓ ${event.target.files[0]?.name ?? ""}`;
});

// ---- dialogs: data-dialog names the one that a button opens

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-dialog]");
  if (button) openDialog(document.getElementById(button.dataset.dialog));
  if (event.target.closest("[data-close]")) event.target.closest("dialog").close();
});
function openDialog(dialog) {
  dialog.addEventListener("close", () => { for (const field of all("[data-secret]", dialog)) field.value = ""; refresh(); }, { once: true });
  dialog.showModal();
}

// ---- a slip: its text first, which is quick; its picture as soon as it is drawn

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-show]");
  if (!button) return;
  const answer = await fetch(`${button.dataset.show}/preview`);
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok) { say(told.message, true); return; }
  showPaper(button.dataset.title ?? "", told.text, `${button.dataset.show}/picture`);
});

function showPaper(title, text, picture) {
  const paper = $("#paper"), image = $("img", paper);
  $("#paper-title").textContent = title;
  $("pre", paper).textContent = text;
  $("details", paper).open = !picture;
  image.hidden = true;
  image.onload = () => (image.hidden = false);
  image.onerror = () => ($("details", paper).open = true);
  if (picture) image.src = picture; else image.removeAttribute("src");
  paper.showModal();
}
$("#close-paper").addEventListener("click", () => $("#paper").close());

$("#language")?.addEventListener("click", () => {
  document.cookie = `language=${words.otherLanguage}; path=/; max-age=31536000; samesite=strict`;
  location.reload();
});

const search = $("#find");
if (search) {
  search.addEventListener("input", () => {
    const url = new URL(location.href);
    if (search.value.trim()) url.searchParams.set("find", search.value); else url.searchParams.delete("find");
    history.replaceState(null, "", url);
    refresh();
  });
  search.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { search.value = ""; search.dispatchEvent(new Event("input")); search.blur(); }
    if (event.key === "Enter") $(".card a")?.click();
  });
}

// ---- keys: function keys only, so that no code a scanner types is ever a command

const KEYS = {
  F1: ["people"], F2: ["accept", "waive"], F3: ["yes", "approve"], F4: ["pick", "short", "refuse"], F6: ["hand-over"], F7: ["next"], F8: ["complete"], F10: ["undo"],
};
document.addEventListener("keydown", (event) => {
  if (KEYS[event.key]) {
    event.preventDefault();
    meant(KEYS[event.key])?.click();
  } else if (event.key === "F9" && search) {
    event.preventDefault();
    search.focus();
    search.select();
  } else if (event.key === "Escape" && words.back && !$("dialog[open]") && !event.target.matches("input")) {
    location.href = words.back;
  } else if (["ArrowDown", "ArrowUp", "ArrowLeft", "ArrowRight"].includes(event.key) && !event.target.matches("input")) {
    if (walk(event.key)) event.preventDefault();
  }
});

// Of an open dialog, or of the card that has the focus, nothing outside it is meant; of the line at hand first.
function meant(keys) {
  const wanted = keys.map((key) => `[data-key="${key}"]:enabled`).join();
  const buttons = (root) => all(wanted, root).find((button) => !button.closest("dialog:not([open])"));
  const only = $("dialog[open]") ?? (keys.includes("next") ? null : document.activeElement?.closest?.(".card"));
  if (only) return buttons(only);
  const line = $(".pick-line.current");
  return (line && buttons(line)) ?? buttons(document);
}

// Arrows walk over the cards of the board: up and down in a column, left and right between them.
function walk(key) {
  const columns = all(".column").map((column) => all(".card a.top", column)).filter((cards) => cards.length);
  if (!columns.length) return false;
  const here = document.activeElement.closest(".card")?.querySelector("a.top");
  const column = columns.findIndex((cards) => cards.includes(here));
  if (column < 0) { columns[0][0].focus(); return true; }
  const row = columns[column].indexOf(here);
  const step = { ArrowDown: [0, 1], ArrowUp: [0, -1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }[key];
  const cards = columns[Math.min(Math.max(column + step[0], 0), columns.length - 1)];
  cards[Math.min(Math.max(row + step[1], 0), cards.length - 1)].focus();
  return true;
}

tick();
