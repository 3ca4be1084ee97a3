// What waits for the golden questions goes on by itself when none of them loses its answer, unless
// somebody typed meanwhile: then they decide when.

let typed = false;

function goOn(part) {
  const button = part.matches("[data-go-on]") ? part : part.querySelector("[data-go-on]");
  if (button && button.form && !typed) button.form.requestSubmit(button);
}

document.addEventListener("input", () => {
  typed = true;
});
document.body.addEventListener("htmx:load", (event) => goOn(event.detail.elt));
