// Rows of a target list are dragged to another place in its order: by mouse anywhere in the row, by finger or pen at its handle, so that
// the page still scrolls. The same forms carry buttons for the keyboard, and work without this.
"use strict";

const EDGE_PIXELS = 60;
const STEP_PIXELS = 16;
let dragged = null;

function rowAt(element) {
  return element && element.closest ? element.closest("tr[data-move]") : null;
}

function makeDraggable() {
  for (const row of document.querySelectorAll("tr[data-move]")) row.draggable = true;
}
makeDraggable();
document.addEventListener("htmx:after:swap", makeDraggable);

function begin(row) {
  dragged = row;
  row.classList.add("is-dragged");
}

function over(row) {
  for (const other of document.querySelectorAll("tr.is-target")) other.classList.remove("is-target");
  if (row && row !== dragged) row.classList.add("is-target");
}

function end() {
  for (const row of document.querySelectorAll("tr.is-dragged, tr.is-target")) row.classList.remove("is-dragged", "is-target");
  dragged = null;
}

function drop(row) {
  if (!dragged || !row || row === dragged) return;
  const form = dragged.querySelector("form.move");
  const place = document.createElement("input");
  place.type = "hidden";
  place.name = "position";
  place.value = row.dataset.position;
  form.append(place);
  form.submit();
}

document.addEventListener("dragstart", (event) => {
  const row = rowAt(event.target);
  if (row) begin(row);
});

document.addEventListener("dragover", (event) => {
  const row = rowAt(event.target);
  if (!dragged || !row) return;
  event.preventDefault();
  over(row);
});

document.addEventListener("drop", (event) => {
  const row = rowAt(event.target);
  if (!dragged || !row) return;
  event.preventDefault();
  drop(row);
});

document.addEventListener("dragend", end);

document.addEventListener("pointerdown", (event) => {
  const handle = event.target.closest && event.target.closest(".drag-handle");
  if (!handle || event.pointerType === "mouse") return;
  event.preventDefault();
  handle.setPointerCapture(event.pointerId);
  begin(rowAt(handle));
});

document.addEventListener("pointermove", (event) => {
  if (!dragged || event.pointerType === "mouse") return;
  if (event.clientY < EDGE_PIXELS) window.scrollBy(0, -STEP_PIXELS);
  if (event.clientY > window.innerHeight - EDGE_PIXELS) window.scrollBy(0, STEP_PIXELS);
  over(rowAt(document.elementFromPoint(event.clientX, event.clientY)));
});

document.addEventListener("pointerup", (event) => {
  if (!dragged || event.pointerType === "mouse") return;
  drop(rowAt(document.elementFromPoint(event.clientX, event.clientY)));
  end();
});

document.addEventListener("pointercancel", (event) => {
  if (event.pointerType !== "mouse") end();
});
