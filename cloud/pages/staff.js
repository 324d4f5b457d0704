// Colleagues, roster and cards to print. What is changed here is sent as the other pages send it (hub.js).
"use strict";

const CHINA = "+08:00";
const picture = (svg) => `data:image/svg+xml,${encodeURIComponent(svg)}`;
const dialog = document.getElementById("dialog");

function shown(content) {
  document.getElementById("dialog-text").replaceChildren(content);
  dialog.showModal();
}

function cardOf(made) {
  const card = document.getElementById("card").content.firstElementChild.cloneNode(true);
  card.querySelector("[data-name]").textContent = made.name;
  card.querySelector("[data-id]").textContent = made.staff_id;
  card.querySelector("[data-code]").textContent = made.code;
  card.querySelector("[data-bars]").src = picture(made.bars);
  card.querySelector("[data-qr]").src = picture(made.qr);
  return card;
}

// The code is on the screen as long as the dialog is open, and nowhere afterwards.
dialog.addEventListener("close", () => { document.getElementById("dialog-text").replaceChildren(); soon(); });

async function carry(work) {
  try { await work(); } catch (error) { say(error.message); }
}

function askPin(staffId) {
  const form = document.getElementById("pin").content.firstElementChild.cloneNode(true);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    carry(async () => { await send(`/api/staff/${encodeURIComponent(staffId)}/pin`, { pin: form.pin.value }); dialog.close(); });
  });
  shown(form);
  form.pin.focus();
}

function fillIn(member) {
  const form = document.getElementById("colleague");
  form.staff_id.value = member.staff_id;
  form.name.value = member.name;
  form.licence.value = member.licence;
  for (const box of form.querySelectorAll("[name=role]")) box.checked = member.roles.includes(box.value);
  form.where.value = member.stores === null ? "all" : member.stores.length ? "some" : "none";
  for (const option of form.stores.options) option.selected = member.stores?.includes(option.value) ?? false;
  form.stores.hidden = form.where.value !== "some";
  form.name.focus();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.dataset.change) fillIn(JSON.parse(button.dataset.change));
  else if (button.dataset.pin) askPin(button.dataset.pin);
  else if ("print" in button.dataset) window.print();
  else if (button.dataset.badge && (!button.dataset.confirm || confirm(button.dataset.confirm))) {
    carry(async () => shown(cardOf(await send(`/api/staff/${encodeURIComponent(button.dataset.badge)}/badge`, {}))));
  }
});

document.addEventListener("change", (event) => {
  if (event.target.name === "where") event.target.form.stores.hidden = event.target.value !== "some";
});

function colleague(form) {
  const chosen = [...form.stores.selectedOptions].map((option) => option.value);
  return {
    staff_id: form.staff_id.value,
    name: form.name.value,
    licence: form.licence.value,
    roles: [...form.querySelectorAll("[name=role]:checked")].map((box) => box.value),
    stores: { all: null, some: chosen, none: [] }[form.where.value],
  };
}

// A duty that ends before it begins ends on the next day.
function duty(form) {
  const at = (clock) => Date.parse(`${form.day.value}T${clock}${CHINA}`);
  const begins = at(form.begin.value), ends = at(form.end.value);
  return {
    staff_id: form.staff_id.value,
    store: form.store.value,
    begins_at: begins,
    ends_at: ends > begins ? ends : ends + 86400000,
    weeks: Number(form.weeks.value),
  };
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  const [path, body] = { colleague: ["/api/staff", colleague], shift: ["/api/roster", duty] }[form.id] ?? [];
  if (!path) return;
  event.preventDefault();
  carry(async () => {
    await send(path, body(form));
    document.activeElement.blur();
    if (form.id === "colleague") form.reset();
    soon();
  });
});
