// Keys of the page "Answers to check": a key presses the button or link that shows it.
// A key held down, or pressed before the new page could be read, does nothing.

const READ_FIRST_MS = 400;
const opened = performance.now();
let done = false;

document.addEventListener("keydown", (event) => {
  if (event.repeat || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target.closest("input, select, textarea")) return;
  const digit = /^(?:Digit|Numpad)(\d)$/.exec(event.code)?.[1] ?? event.key;
  const target = document.querySelector(`[data-key="${CSS.escape(digit)}"]`);
  if (!target || done || performance.now() - opened < READ_FIRST_MS) return;
  event.preventDefault();
  done = true;
  target.click();
});

// Back in the browser shows a page from memory: its keys work again.
window.addEventListener("pageshow", () => {
  done = false;
});
