// A click on the ground of the circle takes that point as the site: it fills the field and asks again. Without this file the point is typed.
(() => {
  "use strict";

  for (const map of document.querySelectorAll("svg[data-pick]")) {
    const field = document.getElementById(map.dataset.pick);
    if (!field?.form) continue;
    map.classList.add("can-pick");
    for (const hint of document.querySelectorAll("[data-pick-hint]")) hint.hidden = false;
    map.addEventListener("click", (event) => {
      if (event.target.closest("a")) return;
      const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(map.getScreenCTM().inverse());
      const { lon, lat, perLon, perLat } = map.dataset;
      const x = Number(lon) + (at.x - 500) * Number(perLon);
      const y = Number(lat) - (at.y - 500) * Number(perLat);
      field.value = `${x.toFixed(4)},${y.toFixed(4)}`;
      field.form.requestSubmit();
    });
  }
})();
