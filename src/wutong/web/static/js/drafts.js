// What is typed into <form data-draft="name" data-person="…"> is kept in this browser until the server says that it came, also without
// network and when the session is over. Fields marked data-private (telephone numbers, e-mail addresses) and files are never kept: they are
// personal data, and the phone may be shared. Each person has his own drafts; logging out deletes them (wutong.js), and so does a week.
"use strict";

const DRAFT_DAYS = 7;

function draftKey(form) {
  return `draft ${form.dataset.person} ${form.dataset.draft}`;
}

function draftFields(form) {
  return [...form.elements].filter((field) => field.name && field.name !== "csrfmiddlewaretoken" && field.type !== "file"
    && field.type !== "submit" && field.type !== "button" && !("private" in field.dataset));
}

function draftOf(form) {
  const values = {};
  for (const field of draftFields(form)) {
    if (field.type === "radio" || field.type === "checkbox") {
      if (field.type === "radio" && !field.checked) continue;
      values[field.name] = field.type === "checkbox" ? field.checked : field.value;
    } else values[field.name] = field.value;
  }
  return values;
}

function readDraft(key) {
  try {
    const kept = JSON.parse(localStorage.getItem(key) || "null");
    return kept && Date.now() - kept.at < DRAFT_DAYS * 86_400_000 ? kept : null;
  } catch { return null; }
}

function keepDraft(form) {
  try { localStorage.setItem(draftKey(form), JSON.stringify({ at: Date.now(), values: draftOf(form) })); } catch { /* full or forbidden */ }
}

function putBack(form, kept) {
  for (const field of draftFields(form)) {
    if (!(field.name in kept.values)) continue;
    const value = kept.values[field.name];
    if (field.type === "radio") field.checked = field.value === value;
    else if (field.type === "checkbox") field.checked = value;
    else field.value = value;
    const folded = field.closest("details");
    if (folded && field.type !== "hidden" && value && field.value !== field.defaultValue && field.tagName !== "SELECT") folded.open = true;
  }
}

function sweepDrafts() {
  const sent = new Set([...document.querySelectorAll("[data-sent]")].map((message) => message.dataset.sent));
  for (const key of Object.keys(localStorage)) {
    if (!key.startsWith("draft ")) continue;
    const kept = readDraft(key);
    if (!kept || sent.has(`draft-${kept.values.key}`)) localStorage.removeItem(key);
  }
}

function offerDraft(form) {
  const told = form.querySelector("[data-draft-told]");
  const hint = form.querySelector("[data-draft-hint]");
  if (hint) hint.classList.remove("d-none");
  const kept = readDraft(draftKey(form));
  if (kept && !form.querySelector(".invalid-feedback, .alert-danger")) {
    putBack(form, kept);
    const said = told.querySelector("[data-said]");
    said.textContent = `${said.dataset.said} ${new Date(kept.at).toLocaleString(document.documentElement.lang)}`;
    told.classList.remove("d-none");
  }
  told.querySelector("[data-draft-drop]").addEventListener("click", () => {
    localStorage.removeItem(draftKey(form));
    window.location.reload();
  });
  form.addEventListener("input", () => keepDraft(form));
  form.addEventListener("change", () => keepDraft(form));
  form.addEventListener("submit", (event) => {
    keepDraft(form);
    if (!navigator.onLine) {
      event.preventDefault();
      const offline = form.querySelector("[data-draft-offline]");
      if (offline) { offline.classList.remove("d-none"); offline.focus(); }
    }
  });
}

sweepDrafts();
for (const form of document.querySelectorAll("form[data-draft]")) offerDraft(form);
