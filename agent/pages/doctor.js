// The diagnosis page: asks the agent to examine itself, and shows the support bundle before it is saved.
"use strict";

const MARKS = { ok: "✓", look: "!", bad: "✕" };
const doctorBox = $("#doctor"), bundleBox = $("#bundle");
const spoken = (said) => (words.language === "en" ? said.en : said.zh);

function element(tag, text = "", kind = "") {
  const made = document.createElement(tag);
  made.textContent = text;
  if (kind) made.className = kind;
  return made;
}

// ---- the examination

function shownFinding(finding) {
  const item = element("li", "", `finding ${finding.level}`);
  item.append(element("span", MARKS[finding.level], "mark"));
  const said = element("div");
  said.append(element("b", spoken(finding.what)));
  if (spoken(finding.do)) said.append(element("p", spoken(finding.do)));
  if (finding.detail) said.append(element("small", finding.detail, "quiet"));
  item.append(said);
  return item;
}

async function examine() {
  const button = $("#examine"), verdict = $("#verdict-of-all");
  button.disabled = true;
  verdict.className = "quiet";
  verdict.textContent = doctorBox.dataset.running;
  try {
    const { level, findings } = await post("/api/doctor");
    const well = findings.filter((finding) => finding.level === "ok");
    const wrong = ["bad", "look"].flatMap((one) => findings.filter((finding) => finding.level === one));
    verdict.className = `finding ${level}`;
    verdict.textContent = `${MARKS[level]} ${doctorBox.dataset[level]}`;
    $("#findings").replaceChildren(...wrong.map(shownFinding));
    const rest = $("#all-well");
    rest.hidden = false;
    $("summary", rest).textContent = `${doctorBox.dataset.well} (${well.length})`;
    $("ul", rest).replaceChildren(...well.map(shownFinding));
  } catch (error) {
    verdict.className = "problem";
    verdict.textContent = error.message;
  }
  button.disabled = false;
}
$("#examine").addEventListener("click", examine);

$("#more-log").addEventListener("click", async (event) => {
  try {
    await post("/api/log-level", { level: "debug", minutes: 30 });
    say(event.target.dataset.done);
  } catch (error) {
    say(error.message, true);
  }
});

// ---- the bundle: what is saved is what was shown

let shownBundle;
$("#make-bundle").addEventListener("click", async (event) => {
  event.target.disabled = true;
  $("#bundle-told").textContent = bundleBox.dataset.running;
  try {
    shownBundle = await post("/api/bundle");
    $("#members").replaceChildren(...shownBundle.bundle.members.map((member) => {
      const shown = element("details"), size = Math.ceil(new Blob([member.text]).size / 1024);
      shown.append(element("summary", `${member.name} · ${size} KB`), element("pre", member.text, "slip"));
      return shown;
    }));
    $("#bundle-told").textContent = shownBundle.bundle.file;
    $("#save-bundle").hidden = false;
    $("#save-bundle").focus();
  } catch (error) {
    $("#bundle-told").textContent = error.message;
  }
  event.target.disabled = false;
});

$("#save-bundle").addEventListener("click", async () => {
  const headers = { "Content-Type": "application/json" };
  const answer = await fetch(`/api/bundle/${shownBundle.id}/zip`, { method: "POST", headers, body: "{}" });
  if (!answer.ok) { say((await answer.json()).message, true); return; }
  const link = element("a");
  link.href = URL.createObjectURL(await answer.blob());
  link.download = shownBundle.bundle.file;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  $("#bundle-told").textContent = `${bundleBox.dataset.saved} ${shownBundle.bundle.file}`;
});

examine();
