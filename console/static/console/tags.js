// A suggested tag takes the place of the last one in the list that is being typed.

const field = document.getElementById("id_tags");

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-tag]");
  if (!button || !field) return;
  const before = field.value.split(",").slice(0, -1).map((part) => part.trim());
  field.value = `${[...before.filter(Boolean), button.dataset.tag].join(", ")}, `;
  field.focus();
  field.dispatchEvent(new Event("input", { bubbles: true }));
});
