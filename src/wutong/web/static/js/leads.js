// Rows of a target list are dragged to another place in its order; the same forms carry buttons for the keyboard, and work without this.
"use strict";

let dragged = null;

function rowOf(event) {
  return event.target.closest && event.target.closest("tr[data-move]");
}

function makeDraggable() {
  for (const row of document.querySelectorAll("tr[data-move]")) row.draggable = true;
}
makeDraggable();
document.addEventListener("htmx:after:swap", makeDraggable);

document.addEventListener("dragstart", (event) => {
  dragged = rowOf(event);
  if (dragged) dragged.classList.add("is-dragged");
});

document.addEventListener("dragover", (event) => {
  const row = rowOf(event);
  if (!dragged || !row) return;
  event.preventDefault();
  for (const other of document.querySelectorAll("tr.is-target")) other.classList.remove("is-target");
  if (row !== dragged) row.classList.add("is-target");
});

document.addEventListener("drop", (event) => {
  const row = rowOf(event);
  if (!dragged || !row || row === dragged) return;
  event.preventDefault();
  const form = dragged.querySelector("form.move");
  const place = document.createElement("input");
  place.type = "hidden";
  place.name = "position";
  place.value = row.dataset.position;
  form.append(place);
  form.submit();
});

document.addEventListener("dragend", () => {
  for (const row of document.querySelectorAll("tr.is-dragged, tr.is-target")) row.classList.remove("is-dragged", "is-target");
  dragged = null;
});
