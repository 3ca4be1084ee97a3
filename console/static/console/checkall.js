// The box in the head of the list checks and unchecks all of the page; new rows get it, too.

const ROWS = "input[name='id']";

function boxes(form) {
  return [...form.querySelectorAll(ROWS)];
}

function show() {
  for (const box of document.querySelectorAll("[data-check-all]")) box.hidden = false;
}

document.addEventListener("change", (event) => {
  const form = event.target.closest("[data-checks]");
  if (!form) return;
  const all = form.querySelector("[data-check-all]");
  if (event.target === all) {
    for (const box of boxes(form)) box.checked = all.checked;
  } else if (event.target.matches(ROWS)) {
    const checked = boxes(form).filter((box) => box.checked).length;
    all.checked = checked === boxes(form).length;
    all.indeterminate = checked > 0 && !all.checked;
  }
});
document.addEventListener("htmx:afterSwap", show);
show();
