/* Files are sent one after the other, each with its progress and its own message.

Without this script the form sends all of them at once. */

const form = document.getElementById("upload");
const list = document.getElementById("sending");
const input = form.querySelector("input[type=file]");

function row(name) {
  const item = document.createElement("li");
  const label = document.createElement("span");
  const bar = document.createElement("progress");
  const said = document.createElement("span");
  label.textContent = name;
  bar.max = 1;
  bar.value = 0;
  bar.setAttribute("aria-label", name);
  said.textContent = form.dataset.waits;
  said.className = "muted";
  item.append(label, bar, said);
  list.append(item);
  return { item, bar, said };
}

function finish(shown, problem) {
  shown.bar.value = 1;
  shown.bar.hidden = true;
  shown.said.textContent = problem || form.dataset.sent;
  shown.said.className = problem ? "problem" : "muted";
}

function problemOf(request) {
  try {
    return JSON.parse(request.responseText).problem;
  } catch {
    return request.status === 200 ? "" : form.dataset.lost;
  }
}

function send(file, shown) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    const body = new FormData();
    body.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    body.append("file", file);
    if (form.elements.replaces.checked) body.append("replaces", "yes");
    shown.said.textContent = "";
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) shown.bar.value = event.loaded / event.total;
    });
    request.addEventListener("loadend", () => {
      finish(shown, request.status ? problemOf(request) : form.dataset.lost);
      resolve();
    });
    request.open("POST", form.dataset.one);
    request.send(body);
  });
}

function showRows() {
  document.getElementById("uploads").dispatchEvent(new Event("refresh"));
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const files = [...input.files];
  if (!files.length) return;
  const button = form.querySelector("button");
  button.disabled = true;
  list.replaceChildren();
  const rows = files.map((file) => row(file.name));
  for (const [number, file] of files.entries()) {
    await send(file, rows[number]);
    showRows();
  }
  input.value = "";
  button.disabled = false;
});
