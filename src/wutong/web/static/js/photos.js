// <form data-photos>: photographs are collected from camera and gallery, shown small, and sent one by one after the words of the form, so that on
// a weak network only what did not arrive is sent again; the server takes each once. Day and place stand in the photograph itself or in the form.
// Without this file the form sends everything at once.
"use strict";

const PART = { "X-Part": "1" };

function offerPhotos(form) {
  const list = form.querySelector("[data-photo-list]");
  const inputs = [...form.querySelectorAll("input[type=file][name=photos]")];
  const fault = form.querySelector("[data-photo-fault]");
  let photos = [];
  let isSending = false;

  form.classList.add("has-photo-script");

  function draw() {
    list.replaceChildren(...photos.map((photo) => {
      const item = document.createElement("li");
      const picture = document.createElement("img");
      picture.src = photo.address;
      picture.alt = photo.file.name;
      const said = document.createElement("span");
      said.textContent = list.dataset[photo.state];
      said.className = `photo-state is-${photo.state}`;
      item.append(picture, said);
      if (photo.state !== "there" && photo.state !== "sends") {
        const drop = document.createElement("button");
        drop.type = "button";
        drop.className = "btn btn-sm";
        drop.textContent = list.dataset.remove;
        drop.addEventListener("click", () => { photos = photos.filter((one) => one !== photo); draw(); });
        item.append(drop);
      }
      return item;
    }));
  }

  for (const input of inputs) {
    input.addEventListener("change", () => {
      for (const file of input.files) photos.push({ file, state: "waits", address: URL.createObjectURL(file) });
      input.value = "";
      draw();
    });
  }

  async function send(photo) {
    const body = new FormData(form);
    body.delete("photos");
    if (photo) body.append("photos", photo.file, photo.file.name);
    return fetch(form.action, { method: "POST", body, headers: PART, credentials: "same-origin" });
  }

  function say(text) {
    fault.textContent = text;
    fault.classList.toggle("d-none", !text);
    if (text) fault.scrollIntoView({ block: "center" });
  }

  async function faultOf(response) {
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const faults = [...page.querySelectorAll("form[data-photos] .alert-danger:not(.d-none), form[data-photos] .invalid-feedback")];
    return faults.map((one) => `${one.closest(".mb-3")?.querySelector(".form-label")?.textContent ?? ""} ${one.textContent}`.trim()).join(" · ");
  }

  async function sendAll() {
    const words = await send(null);
    if (words.status === 422) return say((await faultOf(words)) || list.dataset.failed); // here, so that the photographs stay chosen
    if (words.status !== 204) return form.submit(); // such as a session that is over: the server leads on
    for (const photo of photos.filter((one) => one.state !== "there")) {
      photo.state = "sends";
      draw();
      try {
        const response = await send(photo);
        photo.state = response.status === 204 ? "there" : "failed";
        if (response.status !== 204) say((await faultOf(response)) || list.dataset.failed);
      } catch {
        photo.state = "failed";
      }
      draw();
    }
    if (photos.every((one) => one.state === "there")) return form.submit(); // everything is there: this leads to the page of the project
    if (fault.classList.contains("d-none")) say(list.dataset.failed);
    return null;
  }

  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented || !photos.length) return;
    event.preventDefault();
    if (isSending) return;
    isSending = true;
    const button = form.querySelector("button.btn-primary");
    button.disabled = true;
    say("");
    sendAll().catch(() => say(list.dataset.failed)).finally(() => { isSending = false; button.disabled = false; });
  });

  const locate = form.querySelector("[data-locate]");
  if (locate && "geolocation" in navigator) {
    const told = locate.querySelector("[data-located]");
    locate.classList.remove("d-none");
    locate.querySelector("[data-locate-ask]").addEventListener("click", () => {
      navigator.geolocation.getCurrentPosition((found) => {
        form.elements.lat.value = found.coords.latitude.toFixed(6);
        form.elements.lon.value = found.coords.longitude.toFixed(6);
        told.textContent = `${told.dataset.known} ${found.coords.latitude.toFixed(4)}, ${found.coords.longitude.toFixed(4)}`;
      }, () => { told.textContent = told.dataset.refused; }, { enableHighAccuracy: true, timeout: 20_000 });
    });
  }
}

for (const form of document.querySelectorAll("form[data-photos]")) offerPhotos(form);
