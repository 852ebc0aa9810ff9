// The chain map: a first click (or Enter) opens a segment in the panel at the right, a second one follows the link to its page.
// Pointing at a segment or reaching it with the keyboard shows whom it buys from and whom it supplies. Without this file every tile is a plain link.
(() => {
  "use strict";

  const map = document.getElementById("chain-map");
  if (!map) return;
  const panel = document.querySelector(map.dataset.panel);
  const phone = window.matchMedia("(max-width: 767.98px)");
  const paths = [...map.querySelectorAll(".chain-lines path")];
  const tiles = new Map([...map.querySelectorAll(".tile")].map((tile) => [tile.dataset.segment, tile]));
  let selected = map.querySelector(".tile.is-selected")?.dataset.segment ?? "";

  const show = (id) => {
    map.classList.toggle("has-focus", Boolean(id));
    const near = new Set([id]);
    for (const path of paths) {
      const isIn = Boolean(id) && path.dataset.target === id;
      const isOut = Boolean(id) && path.dataset.source === id;
      path.classList.toggle("is-in", isIn);
      path.classList.toggle("is-out", isOut);
      if (isIn) near.add(path.dataset.source);
      if (isOut) near.add(path.dataset.target);
    }
    for (const [key, tile] of tiles) tile.classList.toggle("is-near", Boolean(id) && near.has(key));
  };

  const select = (id) => {
    selected = id;
    for (const [key, tile] of tiles) {
      tile.classList.toggle("is-selected", key === id);
      if (key === id) tile.setAttribute("aria-current", "true");
      else tile.removeAttribute("aria-current");
    }
    show(id);
    const here = new URL(window.location.href);
    here.searchParams.set("segment", id);
    window.history.replaceState(window.history.state, "", here);
  };

  map.addEventListener("click", (event) => {
    const tile = event.target.closest(".tile");
    if (!tile || !panel || phone.matches || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    if (tile.dataset.segment === selected) return;
    event.preventDefault();
    select(tile.dataset.segment);
    window.htmx.ajax("GET", tile.getAttribute("href"), { target: panel, swap: "innerHTML" });
  });
  for (const kind of ["pointerover", "focusin"]) {
    map.addEventListener(kind, (event) => {
      const tile = event.target.closest(".tile");
      if (tile) show(tile.dataset.segment);
    });
  }
  map.addEventListener("pointerleave", () => show(selected));
  map.addEventListener("focusout", (event) => {
    if (!map.contains(event.relatedTarget)) show(selected);
  });
  // Arrow keys move inside a layer and between layers.
  map.addEventListener("keydown", (event) => {
    const tile = event.target.closest(".tile");
    const step = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }[event.key];
    if (!tile || !step) return;
    const columns = [...map.querySelectorAll(".chain-layer")].map((layer) => [...layer.querySelectorAll(".tile")]);
    const column = columns.findIndex((list) => list.includes(tile));
    const row = columns[column].indexOf(tile);
    const beside = columns[column + step[0]];
    const next = step[0] ? beside?.[Math.min(row, beside.length - 1)] : columns[column][row + step[1]];
    if (!next) return;
    event.preventDefault();
    next.focus();
  });
  show(selected);
})();
