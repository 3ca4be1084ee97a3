// The beginning: who loads this, and whether the chat may show here. A loader that was made for
// one widget knows its origins; the general one asks the frame, and stays hidden until it is there.
function start() {
  if (site && !site.origins.includes(window.location.origin.toLowerCase())) {
    console.warn(`Firstline: ${window.location.origin} is not among the widget's allowed origins`);
    return;
  }
  if (!customElements.get(NAME)) customElements.define(NAME, FirstlineChat);
  const chat = document.createElement(NAME);
  const waiting = Array.isArray(window.Firstline) ? window.Firstline : [];
  window.Firstline = makeApi(chat);
  const mount = () => {
    document.body.append(chat);
    if (site) chat.appear(site.colours);
    else chat.load();
    window.Firstline.push(...waiting);
  };
  if (document.readyState === "loading") {
    document.addEventListener("DOMContentLoaded", mount, { once: true });
  } else mount();
}

if (script && key && !document.querySelector(NAME)) start();
