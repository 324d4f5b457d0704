// Reviewing prescriptions: a verdict with its PIN, images large and turned, a sound for what is new.
"use strict";

const REMEMBERED = "yaolink_pharmacist"; // who reviews in this tab; never the PIN

async function decide(form, approve) {
  if (!form.reportValidity()) return;
  const body = {
    approve,
    seen: form.dataset.seen,
    reason: approve ? "" : form.reason.value,
    proof: { staff_id: form.staff_id.value, pin: form.pin.value },
  };
  const buttons = form.querySelectorAll("button");
  const before = [...buttons].map((button) => button.disabled);
  form.pin.value = "";
  buttons.forEach((button) => { button.disabled = true; });
  try {
    await send(`/api/prescriptions/${form.closest("[data-prescription]").dataset.prescription}/decide`, body);
    sessionStorage.setItem(REMEMBERED, body.proof.staff_id);
    location.href = location.pathname === "/prescriptions" ? "/prescriptions" : location.href; // the next one
  } catch (error) {
    say(error.message);
    buttons.forEach((button, place) => { button.disabled = before[place]; });
    form.pin.focus();
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target.closest(".rx-decide");
  if (!form) return;
  event.preventDefault();
  const pressed = event.submitter?.value;
  if (pressed) decide(form, pressed === "approve");
});

document.addEventListener("keydown", (event) => {
  const wanted = { F8: "approve", F9: "refuse" }[event.key];
  const button = wanted && document.querySelector(`.rx-decide button[value="${wanted}"]`);
  if (button) { event.preventDefault(); if (!button.disabled) button.click(); }
  // Enter in the PIN's field says neither yes nor no: a press of its own must.
  if (event.key === "Enter" && event.target.name === "pin") event.preventDefault();
});

// Zoom and turn: while the dialog is open the page is not drawn anew.
const dialog = document.getElementById("dialog");

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-zoom]");
  if (!button) return;
  const image = document.createElement("img");
  image.src = button.dataset.zoom;
  image.className = "rx-zoomed";
  let turned = 0;
  image.addEventListener("click", () => { image.classList.toggle("close-up"); });
  const turn = document.createElement("button");
  turn.type = "button";
  turn.textContent = "↻";
  turn.addEventListener("click", () => { turned = (turned + 1) % 4; image.dataset.turned = turned; });
  document.getElementById("dialog-text").replaceChildren(turn, image);
  dialog.classList.add("wide");
  dialog.showModal();
});
dialog.addEventListener("close", () => {
  dialog.classList.remove("wide");
  document.getElementById("dialog-text").replaceChildren();
});

// A sound when one waits that was not there before; browsers allow it once somebody pressed something here.
let known = null;

function waiting() {
  return new Set([...document.querySelectorAll("[data-waits]")].map((link) => link.dataset.waits));
}

function ring() {
  const context = new AudioContext();
  const tone = context.createOscillator();
  const volume = context.createGain();
  volume.gain.value = 0.15;
  tone.frequency.value = 880;
  tone.connect(volume).connect(context.destination);
  tone.start();
  tone.stop(context.currentTime + 0.25);
  tone.onended = () => context.close();
}

function drawn() {
  const now = waiting();
  if (known !== null && [...now].some((id) => !known.has(id))) ring();
  known = now;
  const count = now.size;
  document.title = document.title.replace(/^\(\d+\) /, "");
  if (count) document.title = `(${count}) ${document.title}`;
  const staff = document.querySelector(".rx-decide [name=staff_id]");
  const before = sessionStorage.getItem(REMEMBERED);
  if (staff && [...staff.options].some((option) => option.value === before)) staff.value = before;
}

new MutationObserver(drawn).observe(document.getElementById("main"), { childList: true });
drawn();
