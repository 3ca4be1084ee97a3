// Pictures for the text: picked with the button, pasted or dropped. Each is described, sent, and
// named in the text where the cursor is. The server checks it; nothing of the text is lost.

const tools = document.getElementById("pictures");
const dialog = document.getElementById("picture-dialog");
const text = document.getElementById("id_text");
const input = tools.querySelector("input[type='file']");
const said = tools.querySelector("[data-said]");
const alt = document.getElementById("picture-alt");
const plain = document.getElementById("picture-plain");
const problem = dialog.querySelector("[data-problem]");
const add = dialog.querySelector("[data-add]");
let waiting = [];

tools.hidden = false;
tools.querySelector("[data-pick]").addEventListener("click", () => input.click());
input.addEventListener("change", () => {
  take([...input.files]);
  input.value = "";
});

text.addEventListener("paste", (event) => {
  const files = pictures(event.clipboardData);
  if (!files.length) return;
  event.preventDefault();
  take(files);
});

for (const name of ["dragenter", "dragover"]) {
  text.addEventListener(name, (event) => {
    if (![...event.dataTransfer.types].includes("Files")) return;
    event.preventDefault();
    text.classList.add("dropping");
  });
}
text.addEventListener("dragleave", () => text.classList.remove("dropping"));
text.addEventListener("drop", (event) => {
  text.classList.remove("dropping");
  const files = pictures(event.dataTransfer);
  if (!files.length) return;
  event.preventDefault();
  take(files);
});

function pictures(data) {
  return [...(data?.files ?? [])].filter((file) => file.type.startsWith("image/"));
}

function take(files) {
  waiting.push(...files);
  if (!dialog.open && waiting.length) ask();
}

function ask() {
  alt.value = "";
  plain.checked = false;
  alt.disabled = false;
  problem.textContent = "";
  dialog.showModal();
  alt.focus();
}

plain.addEventListener("change", () => {
  alt.disabled = plain.checked;
});

alt.addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  event.preventDefault();
  send();
});
add.addEventListener("click", send);
dialog.querySelector("[data-cancel]").addEventListener("click", () => dialog.close());
dialog.addEventListener("close", () => {
  waiting.shift();
  if (waiting.length) ask();
  else text.focus();
});

async function send() {
  if (!plain.checked && !alt.value.trim()) {
    alt.setAttribute("aria-invalid", "true");
    alt.focus();
    return;
  }
  alt.removeAttribute("aria-invalid");
  if (add.disabled) return;
  add.disabled = true;
  said.textContent = tools.dataset.busy;
  const answer = await upload(waiting[0]);
  add.disabled = false;
  said.textContent = answer.path ? tools.dataset.done : "";
  problem.textContent = answer.problem ?? "";
  if (!answer.path) return;
  insert(`![${described()}](${answer.path})`);
  dialog.close();
}

function described() {
  if (plain.checked) return "";
  return alt.value.trim().replace(/\s+/g, " ").replace(/[\\[\]]/g, "\\$&");
}

async function upload(file) {
  const body = new FormData();
  body.append("picture", file);
  const token = document.querySelector("[name='csrfmiddlewaretoken']").value;
  try {
    const options = { method: "POST", body, headers: { "X-CSRFToken": token } };
    const response = await fetch(tools.dataset.upload, options);
    if (response.ok || response.status === 400) return await response.json();
  } catch {
    // Said below, like every answer that is none.
  }
  return { problem: tools.dataset.failed };
}

function insert(markdown) {
  const before = text.value.slice(0, text.selectionStart);
  const gap = before && !before.endsWith("\n\n") ? (before.endsWith("\n") ? "\n" : "\n\n") : "";
  text.setRangeText(`${gap}${markdown}\n\n`, text.selectionStart, text.selectionEnd, "end");
  text.dispatchEvent(new Event("input", { bubbles: true }));
}
