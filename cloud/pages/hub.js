// Keeps the page live and carries its buttons. Whatever happens at the hub, the page is asked for again and its middle
// swapped: there is one place that knows how things look, the templates.
"use strict";

const QUIET = 300; // ms: several things that happen together are one refresh
const WITHOUT_STREAM = 5000; // ms between refreshes while the stream is down
const CALM = 3000; // ms between refreshes of the fleet, of which something is always new
const UNTOLD = 20000; // ms: that an agent fell silent nobody tells
const HELD = 3000; // ms: nobody presses for longer, and a release that the page never sees must not keep it still
const main = document.getElementById("main");
const toast = document.getElementById("toast");
let skew = main ? Date.now() - Number(main.dataset.now) : 0;
let refreshing = null;
let held = 0; // when a mouse button or a finger went down

function say(text) {
  toast.textContent = text;
  toast.classList.add("shown");
  clearTimeout(say.timer);
  say.timer = setTimeout(() => toast.classList.remove("shown"), 6000);
}

async function send(path, body) {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (answer.ok) return answer.status === 204 ? null : answer.json();
  let problem = { message: answer.statusText };
  try { problem = await answer.json(); } catch { /* not JSON: a proxy spoke */ }
  throw new Error(problem.hint ? `${problem.message} (${problem.hint})` : problem.message);
}

// A button that is swapped between press and release never hears its click.
function busy() {
  if (Date.now() - held < HELD) return true;
  const inside = main.contains(document.activeElement) && /^(INPUT|SELECT)$/.test(document.activeElement.tagName);
  return inside || document.getElementById("dialog").open || main.querySelector(".raw:not([hidden])");
}

async function refresh() {
  if (busy()) { soon(); return; }
  const answer = await fetch(location.href, { headers: { accept: "text/html" } });
  if (answer.redirected && new URL(answer.url).pathname === "/login") { location.href = "/login"; return; }
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (busy()) { soon(); return; }
  const folds = new Map([...main.querySelectorAll("details[id]")].map((each) => [each.id, each.open]));
  main.innerHTML = fresh.getElementById("main").innerHTML;
  for (const each of main.querySelectorAll("details[id]")) each.open = folds.get(each.id) ?? each.open;  // as somebody left it
  document.getElementById("nav").innerHTML = fresh.getElementById("nav").innerHTML;
  skew = Date.now() - Number(fresh.getElementById("main").dataset.now);
  countDown();
}

function soon() {
  clearTimeout(refreshing);
  refreshing = setTimeout(() => refresh().catch(() => {}), QUIET);
}

let calm = null;
function fleetNews(stores) {
  const page = document.body.dataset.page, shown = main.querySelector("[data-store]")?.dataset.store;
  if (page === "fleet_store" && stores.includes(shown)) soon();
  if (page === "fleet") calm ??= setTimeout(() => { calm = null; soon(); }, CALM);
}

function listen() {
  const live = document.getElementById("live");
  const source = new EventSource("/api/activity");
  let polling = null;
  const show = (on) => {
    live.textContent = on ? live.dataset.on : live.dataset.off;
    live.className = on ? "on" : "off";
    clearInterval(polling);
    polling = on ? null : setInterval(soon, WITHOUT_STREAM);
  };
  source.onopen = () => { show(true); soon(); };
  source.onerror = () => {
    show(false);
    if (source.readyState === EventSource.CLOSED) setTimeout(listen, WITHOUT_STREAM);
  };
  source.addEventListener("activity", () => document.body.dataset.page === "fleet" ? fleetNews([]) : soon());
  source.addEventListener("fleet", (event) => fleetNews(JSON.parse(event.data)));
}

function countDown() {
  const now = Date.now() - skew;
  for (const element of document.querySelectorAll("time.countdown")) {
    const left = Math.round((Number(element.dataset.deadline) - now) / 1000);
    const size = Math.abs(left);
    const clock = size < 86400
      ? `${Math.floor(size / 3600)}:${String(Math.floor((size % 3600) / 60)).padStart(2, "0")}:${String(size % 60).padStart(2, "0")}`
      : `${Math.floor(size / 86400)}d`;
    element.textContent = (left < 0 ? "−" : "") + clock;
    element.classList.toggle("late", left < 0);
    element.classList.toggle("near", left >= 0 && left < 300);
  }
}

async function settle(button) {
  const found = {};
  if (button.dataset.choice === "found") {
    for (const input of button.closest(".exception").querySelectorAll("input[data-line]")) {
      if (input.value !== "") found[input.dataset.line] = Math.round(Number(input.value)) * 1000;
    }
  }
  await send(`/api/exceptions/${button.dataset.settle}/settle`, { choice: button.dataset.choice, found });
}

async function showRaw(button) {
  const id = button.dataset.raw;
  const place = () => main.querySelector(`[data-raw="${id}"]`)?.closest(".push").querySelector(".raw");
  if (!place().hidden) {
    place().hidden = true;
    return;
  }
  const answer = await fetch(button.dataset.at ?? `/api/pushes/${id}/raw`);
  const push = await answer.json();
  const raw = place();  // the page may have been drawn anew meanwhile
  if (!raw) return;
  raw.textContent = !answer.ok ? push.message : push.text ?? `${push.method} ${push.topic}\n${push.query}\n${push.body}`;
  raw.hidden = false;
}

async function pair(button) {
  const made = await send(`/api/stores/${encodeURIComponent(button.dataset.pair)}/pairing-code`);
  const text = document.getElementById("dialog-text");
  text.replaceChildren();
  const code = document.createElement("p");
  code.className = "big";
  code.textContent = made.code;
  const note = document.createElement("p");
  note.textContent = `${made.store}: ${button.dataset.note}`;
  const command = document.createElement("code");
  command.textContent = `yaolink-agent pair --hub ${location.origin} --code ${made.code}`;
  text.append(code, note, command);
  document.getElementById("dialog").showModal();
}

// A token of the ERP's programs: shown this once.
async function token(button) {
  const name = prompt(button.dataset.ask);
  if (!name?.trim()) return;
  const made = await send(button.dataset.token, { name });
  const code = document.createElement("code");
  code.textContent = made.token;
  const note = document.createElement("p");
  note.textContent = `${made.name}: ${button.dataset.note}`;
  document.getElementById("dialog-text").replaceChildren(note, code);
  document.getElementById("dialog").showModal();
}

async function list(button) {
  const answer = await fetch("/api/pairing-list", {
    method: "POST", headers: { "content-type": "application/json" }, body: "{}",
  });
  if (!answer.ok) throw new Error((await answer.json()).message);
  hand(await answer.blob(), button.dataset.list);
}

function hand(content, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

// The audit file of an order, as JSON and PDF; whoever takes it says why.
async function dossier(button) {
  const reason = prompt(button.dataset.why);
  if (!reason?.trim()) return;
  const id = button.dataset.dossier, persons = "persons" in button.dataset;
  const made = await send(`/api/orders/${encodeURIComponent(id)}/dossier`, { reason, persons });
  for (const [kind, type] of [["json", "application/json"], ["pdf", "application/pdf"]]) {
    const bytes = Uint8Array.from(atob(made[kind]), (letter) => letter.charCodeAt(0));
    hand(new Blob([bytes], { type }), `${id}.${kind}`);
  }
}

async function press(button) {
  if (button.dataset.confirm && !confirm(button.dataset.confirm)) return;
  if (button.dataset.why && button.dataset.post) {
    const reason = prompt(button.dataset.why);
    if (!reason?.trim()) return;
    button.dataset.body = JSON.stringify({ reason });
  }
  button.disabled = true;
  try {
    if (button.dataset.settle) await settle(button);
    else if (button.dataset.raw) await showRaw(button);
    else if (button.dataset.pair) await pair(button);
    else if (button.dataset.list) await list(button);
    else if (button.dataset.token) await token(button);
    else if (button.dataset.dossier) await dossier(button);
    else await send(button.dataset.post, button.dataset.body ? JSON.parse(button.dataset.body) : undefined);
    if (button.dataset.then) location.href = button.dataset.then;
    else if (!button.dataset.raw) { button.blur(); soon(); }
  } catch (error) {
    say(error.message);
  } finally {
    button.disabled = false;
  }
}

document.addEventListener("pointerdown", () => { held = Date.now(); });
for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, () => { held = 0; });

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.dataset.language) {
    document.cookie = `yaolink_language=${button.dataset.language}; path=/; max-age=31536000; samesite=lax`;
    location.reload();
  } else if (button.dataset.post || button.dataset.settle || button.dataset.raw || button.dataset.pair || button.dataset.list || button.dataset.dossier || button.dataset.token) {
    press(button);
  }
});

const login = document.getElementById("login");
if (login) {
  const enter = async (token) => {
    try {
      await send("/api/login", { token });
      location.replace("/");
    } catch (error) {
      say(error.message);
    }
  };
  login.addEventListener("submit", (event) => { event.preventDefault(); enter(document.getElementById("token").value); });
  const given = new URLSearchParams(location.hash.slice(1) || location.search).get("token");
  if (given) { history.replaceState(null, "", "/login"); enter(given); }
} else {
  listen();
  countDown();
  setInterval(countDown, 1000);
  if (document.body.dataset.page.startsWith("fleet")) setInterval(soon, UNTOLD);
}
