// The widget as it is typed: name, greeting and colour are written into the frame beside the form;
// tone and language fetch it anew, since the server has their words. Nothing is saved here.

const form = document.getElementById("widget-form");
const frame = document.getElementById("preview");
const field = (name) => form.elements[name];

function show() {
  const page = frame.contentDocument;
  const heading = page?.querySelector(".who h1");
  if (!heading) return;
  const name = field("name").value.trim() || frame.dataset.ownName;
  heading.textContent = name;
  page.querySelector(".avatar").textContent = [...name][0] ?? "";
  const bubble = page.querySelector(".greeting .bubble");
  bubble.textContent = field("greeting").value.trim() || bubble.dataset.own;
  paint(page.documentElement.style, field("colour"));
}

function paint(style, { value }) {
  const own = value === OWN;
  for (const [name, colour] of [["--brand", value], ["--on-brand", readableOn(value)]]) {
    if (own) style.removeProperty(name);
    else style.setProperty(name, colour);
  }
}

// White or black, whichever stands out more (WCAG 2.2), as chatbot/colours.py has it.
function readableOn(colour) {
  const parts = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16) / 255);
  const [red, green, blue] = parts.map((part) =>
    part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4,
  );
  const light = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  return 1.05 / (light + 0.05) >= (light + 0.05) / 0.05 ? "#ffffff" : "#000000";
}

function fetchWords() {
  const url = new URL(frame.src);
  url.searchParams.set("tone", field("tone").value);
  url.searchParams.set("language", field("default_language").value);
  if (url.href !== frame.src) frame.src = url.href;
}

const OWN = field("colour").dataset.own;
frame.addEventListener("load", show);
form.addEventListener("input", show);
form.addEventListener("change", fetchWords);
window.addEventListener("pageshow", fetchWords); // a browser may bring typed values back
show();
