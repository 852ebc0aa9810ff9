// Small helpers for every page. No inline handlers: behaviour hangs on data attributes, and every form works without this file.
"use strict";

// Forms send their CSRF token themselves; requests that htmx makes from other elements get it from the page.
document.addEventListener("htmx:config:request", (event) => {
  const token = document.querySelector("input[name=csrfmiddlewaretoken]");
  const request = event.detail.ctx && event.detail.ctx.request;
  if (token && request && request.method !== "GET") request.headers["X-CSRFToken"] = token.value;
});

// <span data-kept hx-get="…" hx-trigger="stale"> shows what it was last told; it asks anew after a minute, and after every form that was sent.
// Why: it stands on every page, and asking each time was two fifths of all that a server was asked.
const KEPT_MS = 60_000;
const keptAs = (part) => `kept ${part.getAttribute("hx-get")}`;
document.addEventListener("htmx:after:process", () => {
  for (const part of document.querySelectorAll("[data-kept]")) {
    const [at, told] = JSON.parse(sessionStorage.getItem(keptAs(part)) || "[0, \"\"]");
    if (Date.now() - at > KEPT_MS) { part.dispatchEvent(new Event("stale")); continue; }
    part.innerHTML = told;
    const onPhone = document.getElementById(part.dataset.kept);
    if (onPhone) onPhone.textContent = part.firstChild ? part.firstChild.textContent : "";
  }
}, { once: true });  // before it, nothing listens
document.addEventListener("htmx:after:swap", (event) => {
  const part = event.detail.ctx && event.detail.ctx.sourceElement;
  if (part && part.matches("[data-kept]")) sessionStorage.setItem(keptAs(part), JSON.stringify([Date.now(), part.innerHTML]));
});
document.addEventListener("submit", () => {
  for (const name of Object.keys(sessionStorage)) if (name.startsWith("kept ")) sessionStorage.removeItem(name);
});

// Whoever logs out leaves no draft of a form behind (drafts.js keeps them): the phone may be shared.
document.addEventListener("submit", (event) => {
  if (!event.target.matches("form[action$='/logout/']")) return;
  for (const name of Object.keys(localStorage)) if (name.startsWith("draft ")) localStorage.removeItem(name);
});

// <form data-confirm="…"> asks before a dangerous action that names its object; <button data-confirm="…"> where only that button is.
document.addEventListener("submit", (event) => {
  const question = event.submitter?.dataset.confirm || event.target.dataset.confirm;
  if (question && !window.confirm(question)) event.preventDefault();
});

// <details open data-closed-on-phone> begins closed where the screen is narrow, also in what a filter brings; of the columns of a board one is open at a time.
const phone = window.matchMedia("(max-width: 767.98px)");
function foldOnPhone() {
  if (phone.matches) for (const part of document.querySelectorAll("details[data-closed-on-phone]:not([data-folded])")) { part.dataset.folded = ""; part.open = false; }
}
foldOnPhone();
document.addEventListener("htmx:after:swap", foldOnPhone);
document.addEventListener("toggle", (event) => {
  const column = event.target.open && phone.matches ? event.target.closest(".board-column") : null;
  if (column) for (const other of column.parentElement.querySelectorAll(":scope > .board-column > details[open]")) if (other !== event.target) other.open = false;
}, true);

// <select data-submit> sends its form at once.
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
});

// <label data-choose-all="form"> marks every box of that form; without script it stays hidden.
function offerAll() {
  for (const label of document.querySelectorAll("[data-choose-all]")) label.classList.remove("d-none");
}
offerAll();
document.addEventListener("htmx:after:swap", offerAll);
document.addEventListener("change", (event) => {
  const label = event.target.closest("[data-choose-all]");
  if (!label) return;
  for (const box of document.querySelectorAll(`input[type=checkbox].choice[form="${label.dataset.chooseAll}"]`)) box.checked = event.target.checked;
});

// The search box: "/" leads there, arrows walk through what it suggests, Escape leaves it.
const searchBox = document.getElementById("search-box");
if (searchBox) {
  const suggestions = () => [...document.querySelectorAll("#suggestions .suggestion")];
  const clear = () => { const list = document.getElementById("suggestions"); if (list) list.replaceChildren(); };
  document.addEventListener("keydown", (event) => {
    const at = document.activeElement;
    const isTyping = at && (at.isContentEditable || /^(input|textarea|select)$/i.test(at.tagName));
    if (event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      searchBox.focus();
      searchBox.select();
    }
  });
  searchBox.form.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { clear(); searchBox.focus(); return; }
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const rows = suggestions();
    if (!rows.length) return;
    event.preventDefault();
    const next = rows.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
    (next < 0 || next >= rows.length ? searchBox : rows[next]).focus();
  });
  document.addEventListener("click", (event) => { if (!searchBox.form.contains(event.target)) clear(); });
  searchBox.form.addEventListener("focusout", (event) => { if (event.relatedTarget && !searchBox.form.contains(event.relatedTarget)) clear(); });
}

// “More” in the bar of a phone: Escape or a touch elsewhere closes it. It opens and closes without this file too.
const phoneMore = document.querySelector(".phone-more");
if (phoneMore) {
  phoneMore.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !phoneMore.open) return;
    phoneMore.open = false;
    phoneMore.querySelector("summary").focus();
  });
  document.addEventListener("click", (event) => { if (phoneMore.open && !phoneMore.contains(event.target)) phoneMore.open = false; });
}

// Whoever enters a field of a form that stands for lines of a text sees those lines: <form data-line="43"> and <textarea data-line-text>.
document.addEventListener("focusin", (event) => {
  const line = event.target.closest("[data-line]")?.dataset.line;
  const text = line && document.querySelector("[data-line-text]");
  if (text) text.scrollTop = Math.max(0, line - 4) * parseFloat(getComputedStyle(text).lineHeight);
});
// Enter in such a field writes it into the text, as leaving it does; it does not send the whole form.
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches("details[data-line] input")) event.preventDefault();
});
