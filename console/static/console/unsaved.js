/* Nobody loses a text by a wrong click: leaving it asks first, and Ctrl+S saves the draft. */

const form = document.querySelector("form[data-unsaved]");
// What came back with a problem was typed, too, and is saved nowhere.
let changed = form.querySelector(".problem li, .notice.error") !== null;
let sent = false;

form.addEventListener("input", () => { changed = true; });
form.addEventListener("submit", () => { sent = true; });

addEventListener("beforeunload", (event) => {
  if (changed && !sent) event.preventDefault();
});

// The page may be shown again as it was left, by the Back button.
addEventListener("pageshow", () => { sent = false; });

addEventListener("keydown", (event) => {
  const wanted = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
  if (!wanted || event.key.toLowerCase() !== "s") return;
  event.preventDefault();
  if (!document.querySelector("dialog[open]")) form.requestSubmit(form.querySelector("[data-save]"));
});
