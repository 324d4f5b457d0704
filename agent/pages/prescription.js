// Prescription images: fetched once however often the page is drawn anew, and as large as the screen when looked at.
"use strict";

const pictures = new Map();  // by address; the picture itself moves to where the page wants it now

function pictureOf(url, said) {
  if (!pictures.has(url)) {
    const picture = new Image();
    picture.onerror = () => pictures.delete(url);
    picture.alt = said;
    picture.src = url;
    pictures.set(url, picture);
  }
  return pictures.get(url);
}

function placePictures() {
  if (!$("#viewer[open]")) for (const place of all("[data-picture]")) place.replaceChildren(pictureOf(place.dataset.picture, place.dataset.said));
}
document.addEventListener("swapped", placePictures);
placePictures();

// ---- looked at alone

const viewer = $("#viewer"), LARGEST_VIEW = 8, MOVES_BY = 120;
let view = null;

function lookAt(button) {
  $(".stage", viewer).replaceChildren(pictureOf(button.dataset.look, button.getAttribute("aria-label")));
  view = { scale: 1, turned: 0, x: 0, y: 0, from: button.id };
  drawView();
  viewer.showModal();
}
viewer.addEventListener("close", () => {
  $(".stage img", viewer).style.transform = "";
  placePictures();
  document.getElementById(view.from)?.focus();
});

const VIEWS = {
  larger: () => (view.scale = Math.min(view.scale * 1.4, LARGEST_VIEW)),
  smaller: () => (view.scale = Math.max(view.scale / 1.4, 1)),
  turn: () => (view.turned = (view.turned + 90) % 360),
  whole: () => Object.assign(view, { scale: 1, x: 0, y: 0 }),
  left: () => (view.x += MOVES_BY),
  right: () => (view.x -= MOVES_BY),
  up: () => (view.y += MOVES_BY),
  down: () => (view.y -= MOVES_BY),
  close: () => viewer.close(),
};
const VIEW_KEYS = {
  PageUp: "larger", PageDown: "smaller", End: "turn", Home: "whole",
  ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down",
};

function drawView() {
  const picture = $(".stage img", viewer);
  if (picture) picture.style.transform = `translate(${view.x}px, ${view.y}px) rotate(${view.turned}deg) scale(${view.scale})`;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-look], [data-view], [data-go]");
  if (!button) return;
  if (button.dataset.go) location.href = button.dataset.go;
  else if (button.dataset.look) lookAt(button);
  else { VIEWS[button.dataset.view](); drawView(); }
});
viewer.addEventListener("keydown", (event) => {
  if (!VIEW_KEYS[event.key]) return;
  event.preventDefault();
  event.stopPropagation();
  VIEWS[VIEW_KEYS[event.key]]();
  drawView();
});
// F9 where nothing is searched for: the first image, large.
document.addEventListener("keydown", (event) => {
  if (event.key !== "F9" || search || viewer.open) return;
  const image = $("dialog[open]") ? null : $("[data-look]");
  if (image) { event.preventDefault(); lookAt(image); }
});
