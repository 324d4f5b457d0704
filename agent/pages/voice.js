// The page's voice: plays what the agent announces where the browser lets it, and tells the agent what was seen.
"use strict";

// ---- the loudspeaker: pressed, this page always speaks; otherwise only when nobody else on this computer can

const loudspeaker = $("#loudspeaker");
const always = () => localStorage.getItem("loudspeaker") === "on";
function showLoudspeaker() {
  loudspeaker.setAttribute("aria-pressed", String(always()));
  loudspeaker.textContent = always() ? loudspeaker.dataset.on : loudspeaker.dataset.off;
}
loudspeaker.addEventListener("click", () => {
  localStorage.setItem("loudspeaker", always() ? "off" : "on");
  showLoudspeaker();
});
showLoudspeaker();

// ---- playing: a browser makes no sound before somebody touched the page; what came until then is played late

let unheard;
document.addEventListener("announce", ({ detail: announced }) => {
  refresh();
  if (announced.player === "page" || always()) speak(announced).catch((error) => say(error.message, true));
});

async function speak(announced) {
  audio ??= new AudioContext();
  if (audio.state !== "running") {
    unheard = announced;
    $("#voice-hint").hidden = false;
    return;
  }
  const answer = await fetch(`/api/announcements/${announced.id}/sound`);
  if (!answer.ok) return;  // seen meanwhile
  const sound = await audio.decodeAudioData(await answer.arrayBuffer());
  // Of several open pages one speaks.
  await navigator.locks.request("voice", { ifAvailable: true }, (lock) => lock && played(sound));
}

function played(sound) {
  return new Promise((ended) => {
    const source = audio.createBufferSource();
    source.buffer = sound;
    source.onended = ended;
    source.connect(audio.destination);
    source.start();
  });
}

function touched() {
  setTimeout(() => {
    if (audio?.state !== "running") return;
    $("#voice-hint").hidden = true;
    if (unheard) speak(unheard).catch((error) => say(error.message, true));
    unheard = undefined;
  }, 400);
}

// ---- seen: this order was opened, or somebody works on its page while it is announced

let telling = false;
async function seen() {
  if (telling || document.visibilityState !== "visible") return;
  telling = true;
  try {
    await post(`/api/orders/${words.order}/seen`);
  } catch (error) {
    say(error.message, true);
  } finally {
    telling = false;
  }
}

const announcedHere = () => all("#announcements [data-about]").some((one) => one.dataset.about === words.order);
for (const touch of ["pointerdown", "keydown"])
  document.addEventListener(touch, () => {
    touched();
    if (words.order && announcedHere()) seen();
  });
if (words.order) {
  seen();
  document.addEventListener("visibilitychange", seen);
}
