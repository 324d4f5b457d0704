// Stock by lot and goods that come in: what the page's own clicks cannot say by themselves.
"use strict";

// ---- one dialog for the lot whose button was pressed

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-move]");
  if (!button) return;
  const { move, title, count, apart } = button.dataset;
  $("#move-title").textContent = title;
  $("#move-count").textContent = count;
  $("#move-apart").textContent = apart;
  $("#move-do").dataset.body = move;
  for (const field of all("#move input")) { field.value = ""; field.checked = false; }
  openDialog($("#move"));
});

// ---- a supplier's file, read here and sent whole

document.addEventListener("change", async (event) => {
  const field = event.target;
  if (!field.dataset?.import || !field.files[0]) return;
  const file = field.files[0];
  try {
    const told = await post("/api/receiving/file", { kind: field.dataset.import, name: file.name, content: await base64(file) });
    if (told.flaws.length) showFlaws(told.flaws);
    else say(field.dataset.taken.replace("{rows}", told.rows).replace("{codes}", told.codes));
  } catch (error) {
    say(error.message, true);
  }
  field.value = "";
  field.blur();
  drawn.live = undefined;
  refresh();
});

async function base64(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
}

function showFlaws(flaws) {
  const list = $("#flaws ul");
  list.replaceChildren(...flaws.slice(0, 100).map(({ row, why, text }) => {
    const item = document.createElement("li"), raw = document.createElement("small");
    item.textContent = row ? `${row}: ${why} ` : why;
    raw.textContent = text;
    item.append(raw);
    return item;
  }));
  openDialog($("#flaws"));
}

// ---- while this page is open, the scanner beside it reads goods and no orders' packs

if ("receiving" in words && $("#goods")) {
  const here = (on) => fetch("/api/receiving/here", { method: "POST", keepalive: true, headers: { "Content-Type": "application/json", ...STATION }, body: JSON.stringify({ on }) }).catch(() => {});
  const say_so = () => here(document.visibilityState === "visible");
  say_so();
  setInterval(say_so, 60000);
  document.addEventListener("visibilitychange", say_so);
  addEventListener("pagehide", () => here(false));
}
