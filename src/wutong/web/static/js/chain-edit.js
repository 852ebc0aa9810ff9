// Dragging a segment of a chain to another place or layer. The board works without this file: the form beside a segment moves it too.
"use strict";

(() => {
  let dragged = null;

  const card = (event) => event.target.closest && event.target.closest(".edit-card[draggable]");
  const layer = (event) => event.target.closest && event.target.closest(".edit-layer[data-layer]");

  // The segment in front of which a card would land: the first one of the layer whose middle lies below the pointer.
  const following = (column, y) =>
    [...column.querySelectorAll(".edit-card")].find((other) => {
      const box = other.getBoundingClientRect();
      return other !== dragged && y < box.top + box.height / 2;
    });

  const clear = () => document.querySelectorAll(".is-drop, .is-drop-here").forEach((mark) => mark.classList.remove("is-drop", "is-drop-here"));

  document.addEventListener("dragstart", (event) => {
    dragged = card(event);
    if (!dragged) return;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", dragged.dataset.segment);
    dragged.classList.add("is-dragged");
  });

  document.addEventListener("dragover", (event) => {
    const column = dragged && layer(event);
    if (!column) return;
    event.preventDefault();
    clear();
    column.classList.add("is-drop");
    const next = following(column, event.clientY);
    if (next) next.classList.add("is-drop-here");
  });

  document.addEventListener("drop", (event) => {
    const column = dragged && layer(event);
    const form = document.getElementById("edit-move");
    if (!column || !form) return;
    event.preventDefault();
    const next = following(column, event.clientY);
    form.elements.segment.value = dragged.dataset.segment;
    form.elements.layer.value = column.dataset.layer;
    form.elements.before.value = next ? next.dataset.segment : "";
    form.elements.selected.value = dragged.dataset.segment;
    form.requestSubmit();
  });

  document.addEventListener("dragend", () => {
    if (dragged) dragged.classList.remove("is-dragged");
    dragged = null;
    clear();
  });
})();
